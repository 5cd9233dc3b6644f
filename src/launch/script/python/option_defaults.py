"""
Finds the defaults of a script's options in its source, which is parsed and never run: `espalier init` asks for what the
script's help does not tell. Needs Python 3.8, and nothing else.

    python3 -I -S option_defaults.py train.py

prints {"--lr": {"default": "0.001", ...}, ...}: options of argparse and optparse, click, typer, and dataclasses that become
options, in the script and the modules beside it that it imports. Only literals count, constants that are named once, and
sums and products of them. What can't be told from the source alone is left out: two definitions that differ, a default that
is worked out, one that may be changed afterwards.
"""
import ast
import json
import os
import sys

MOST_FILES = 50
MOST_BYTES = 2 ** 20
LONGEST_TEXT = 1000
BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.IfExp)


class Unknown(Exception):
    """The source alone does not tell."""


def last_name(node):
    """`typer.Option` -> Option"""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def combined(operator, left, right):
    if not (is_number(left) and is_number(right)):
        raise Unknown
    try:
        if isinstance(operator, ast.Add):
            return left + right
        if isinstance(operator, ast.Sub):
            return left - right
        if isinstance(operator, ast.Mult):
            return left * right
        if isinstance(operator, ast.Div):
            return left / right
        if isinstance(operator, ast.FloorDiv):
            return left // right
        if isinstance(operator, ast.Pow) and abs(left) <= 1000 and isinstance(right, int) and abs(right) <= 64:
            return left ** right
    except ArithmeticError:
        pass
    raise Unknown


def literal(node, constants):
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        value = literal(node.operand, constants)
        if is_number(value):
            return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.Name) and node.id in constants:
        return constants[node.id]
    if isinstance(node, ast.BinOp):
        return combined(node.op, literal(node.left, constants), literal(node.right, constants))
    if isinstance(node, ast.Call) and last_name(node.func) == "Path" and len(node.args) == 1 and not node.keywords:
        value = literal(node.args[0], constants)
        if isinstance(value, str):
            return value
    raise Unknown


def shown(value):
    """As a help writes it."""
    if isinstance(value, str) and len(value) <= LONGEST_TEXT:
        return value
    if value is None or isinstance(value, bool):
        return str(value)
    if is_number(value) and abs(value) < 1e300:  # neither infinite nor NaN
        return repr(value)
    raise Unknown


def bindings(tree):
    """How often each name is given a value, anywhere."""
    count = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names = [node.id]
        elif isinstance(node, ast.arg):
            names = [node.arg]
        elif isinstance(node, ast.alias):
            names = [(node.asname or node.name).split(".")[0]]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)):
            names = [node.name]
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            names = node.names
        else:  # of patterns (`case Point(x)`) too
            names = [getattr(node, "name", None), getattr(node, "rest", None)]
        for name in names:
            if isinstance(name, str):
                count[name] = count.get(name, 0) + 1
    return count


def constants_of(tree):
    """Names that a module gives a literal to, and nothing else."""
    count = bindings(tree)
    constants = {}
    if "*" in count:
        return constants
    for node in tree.body:
        target = (
            node.targets[0]
            if isinstance(node, ast.Assign) and len(node.targets) == 1
            else node.target
            if isinstance(node, ast.AnnAssign) and node.value is not None
            else None
        )
        if isinstance(target, ast.Name) and count.get(target.id) == 1:
            try:
                constants[target.id] = literal(node.value, constants)
            except Unknown:
                pass
    return constants


class Source:
    """A file with what is needed to look around in it."""

    def __init__(self, path):
        with open(path, "rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise ValueError("too long")
        self.path = path
        self.tree = ast.parse(text)
        self.tells_defaults = b"DefaultsHelpFormatter" in text
        self.constants = constants_of(self.tree)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def all(self, *kinds):
        return [node for node in ast.walk(self.tree) if isinstance(node, kinds)]

    def calls(self, *names):
        return [call for call in self.all(ast.Call) if last_name(call.func) in names]

    def around(self, node):
        """The function that a node is in, and whether it is reached in any case."""
        surely = True
        node = self.parents.get(node)
        while node is not None and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            is_main = isinstance(node, ast.If) and "__name__" in [n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)]
            surely = surely and (is_main or not isinstance(node, BRANCHES))
            node = self.parents.get(node)
        return node, surely

    def shown(self, node):
        try:
            return shown(literal(node, self.constants))
        except Unknown:
            return None


def keywords_of(call):
    return {keyword.arg: keyword.value for keyword in call.keywords}


def texts(nodes):
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


class Option:
    """`default`: as a help writes it; None: it can't be told. `given`: whether one is written down at all."""

    def __init__(self, source, names, default, given, **others):
        self.source = source
        self.names = names
        self.default = default
        self.given = given
        self.dest = others.get("dest") or (
            next((name for name in names if name.startswith("--")), names[0]).lstrip("-").replace("-", "_")
        )
        self.type = others.get("type")
        self.action = others.get("action")
        self.says = others.get("says", "")
        self.call = others.get("call")

    def told(self):
        return {
            "default": self.default,
            "given": self.given,
            "type": self.type,
            "action": self.action,
            # Written by hand, which may be out of date.
            "byHand": "default" in self.says.lower() and "%(default" not in self.says,
        }


def of_argparse(source):
    aliases = [
        node.targets[0].id
        for node in source.all(ast.Assign)
        if isinstance(node.targets[0], ast.Name) and last_name(node.value) in ("add_argument", "add_option")
    ]
    for call in source.calls("add_argument", "add_option", *aliases):
        names = texts(call.args)
        if not names or len(names) != len(call.args) or not all(name.startswith("-") for name in names):
            continue
        keywords = keywords_of(call)
        action = texts([keywords["action"]]) if "action" in keywords else []
        kind = action[0] if action else last_name(keywords.get("action"))
        if None in keywords:
            default, given = None, True
        elif "default" in keywords:
            default, given = source.shown(keywords["default"]), True
        else:
            default, given = "None", False
        kept = texts([keywords["dest"]]) if "dest" in keywords else []
        typed = last_name(keywords.get("type"))
        says = texts([keywords["help"]]) if "help" in keywords else []
        yield Option(
            source,
            names,
            default,
            given,
            dest=kept[0] if kept else None,
            type=typed if typed in ("int", "float", "bool") and None not in keywords else None,
            action=kind,
            says=says[0] if says else "",
            call=call,
        )


def with_set_defaults(options, sources):
    """`parser.set_defaults(lr=0.1)` counts where it is sure to come behind the option, or before one without a default."""
    calls = [(source, call) for source in sources for call in source.calls("set_defaults")]
    unsure = any(None in keywords_of(call) for _, call in calls) or any(
        # Parsers whose actions are changed afterwards, or that have a default for all.
        (node.attr == "default" and isinstance(node.ctx, ast.Store))
        for source in sources
        for node in source.all(ast.Attribute)
    )
    for_all = any(
        "argument_default" in keywords_of(call) for source in sources for call in source.all(ast.Call)
    )
    for option in options:
        if unsure or (for_all and not option.given):
            option.default = None
            option.given = True
            continue
        where = option.source.around(option.call)[0]
        for source, call in calls:
            keywords = keywords_of(call)
            if option.dest not in keywords:
                continue
            same = (
                source is option.source
                and isinstance(option.call.func, ast.Attribute)
                and isinstance(call.func, ast.Attribute)
                and ast.dump(call.func.value) == ast.dump(option.call.func.value)
                and source.around(call) == (where, True)
            )
            is_behind = (call.lineno, call.col_offset) > (option.call.lineno, option.call.col_offset)
            if same and not is_behind and option.given:
                continue
            option.default = source.shown(keywords[option.dest]) if same else None
            option.given = True
    return options


def imports(source, *modules):
    found = [alias.name for node in source.all(ast.Import) for alias in node.names]
    found += [node.module or "" for node in source.all(ast.ImportFrom)]
    return any(name.split(".")[0] in modules for name in found)


def split_names(names):
    """`--shuffle/--no-shuffle` are two."""
    return [part.strip() for name in names if name.startswith("-") for part in name.split("/")]


def of_click(source):
    if any(keyword.arg == "default_map" for keyword in source.all(ast.keyword)) or "default_map" in texts(source.all(ast.Constant)):
        return
    for call in source.calls("option"):
        names = split_names(texts(call.args))
        keywords = keywords_of(call)
        if not names:
            continue
        given = None in keywords or "default" in keywords
        default = "None" if not given else source.shown(keywords["default"]) if None not in keywords else None
        says = texts([keywords["help"]]) if "help" in keywords else []
        yield Option(source, names, default, given, says=says[0] if says else "")


def commands_of_typer(source):
    run = [last_name(call.args[0]) for call in source.calls("run") if call.args]
    run += [
        last_name(call.args[0])
        for call in source.all(ast.Call)
        if isinstance(call.func, ast.Call) and last_name(call.func.func) in ("command", "callback") and call.args
    ]
    for function in source.all(ast.FunctionDef, ast.AsyncFunctionDef):
        decorators = [last_name(one.func if isinstance(one, ast.Call) else one) for one in function.decorator_list]
        if function.name in run or "command" in decorators or "callback" in decorators:
            yield function


def of_typer(source):
    for function in commands_of_typer(source):
        positional = function.args.args
        without = len(positional) - len(function.args.defaults)
        pairs = list(zip(positional, [None] * without + function.args.defaults))
        for parameter, default in pairs + list(zip(function.args.kwonlyargs, function.args.kw_defaults)):
            marks = [
                call
                for node in (parameter.annotation, default)
                if node is not None
                for call in ast.walk(node)
                if isinstance(call, ast.Call) and last_name(call.func) in ("Option", "Argument")
            ]
            mark = marks[0] if marks else None
            if default is None or (mark is not None and last_name(mark.func) == "Argument"):
                continue
            names = [] if mark is None else split_names(texts(mark.args))
            if default is mark:
                default = keywords_of(mark).get("default") or (mark.args[0] if mark.args else None)
            own = parameter.arg.replace("_", "-")
            if default is not None:
                yield Option(source, names or ["--" + own, "--no-" + own], source.shown(default), True)


def of_dataclasses(sources):
    """Of those that a parser is given: `HfArgumentParser((ModelArguments, TrainingArguments))`, `tyro.cli(Config)`."""
    classes = {node.name: (source, node) for source in sources for node in source.all(ast.ClassDef)}
    parsed = [
        name.id
        for source in sources
        for call in source.all(ast.Call)
        if (last_name(call.func) or "").endswith("ArgumentParser")
        or last_name(call.func) in ("cli", "parse", "add_arguments", "add_dataclass_arguments", "add_class_arguments")
        for argument in call.args + [keyword.value for keyword in call.keywords]
        for name in ast.walk(argument)
        if isinstance(name, ast.Name) and name.id in classes
    ]
    for name in set(parsed):
        seen = set()
        fields = set()
        line = [name]
        while line:
            one = line.pop(0)
            if one in seen or one not in classes:
                continue
            seen.add(one)
            source, node = classes[one]
            line += [last_name(base) for base in node.bases]
            if not any(
                last_name(mark.func if isinstance(mark, ast.Call) else mark) == "dataclass" for mark in node.decorator_list
            ):
                continue
            for field in node.body:
                if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
                    continue
                if field.value is None or field.target.id in fields:
                    fields.add(field.target.id)
                    continue
                fields.add(field.target.id)
                value = field.value
                if isinstance(value, ast.Call) and "default" in keywords_of(value):
                    value = keywords_of(value)["default"]
                own = field.target.id
                yield Option(source, ["--" + own, "--" + own.replace("_", "-")], source.shown(value), True)


def modules_of(source, root):
    """Files beside the script that a module may mean by what it imports."""
    for node in source.all(ast.Import, ast.ImportFrom):
        if isinstance(node, ast.Import):
            places = [(root, alias.name.split(".")) for alias in node.names]
        else:
            place = root
            if node.level > 0:
                place = os.path.dirname(source.path)
                for _ in range(node.level - 1):
                    place = os.path.dirname(place)
            package = node.module.split(".") if node.module else []
            places = [(place, package)] + [(place, package + [alias.name]) for alias in node.names]
        for place, parts in places:
            path = os.path.join(place, *parts)
            for file in (path + ".py", os.path.join(path, "__init__.py")):
                if os.path.commonpath([root, os.path.abspath(file)]) == root and os.path.isfile(file):
                    yield os.path.abspath(file)


def sources_from(script):
    """The script, and what it imports from its folder, nearest first."""
    root = os.path.dirname(script)
    found = {}
    line = [script]
    while line and len(found) < MOST_FILES:
        path = line.pop(0)
        if path in found:
            continue
        try:
            found[path] = Source(path)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            if path == script:
                raise
            continue
        line += list(modules_of(found[path], root))
    return list(found.values())


def uses_of(sources):
    """Destinations that are asked for by name: `if args.out:` is for those that are given, `args.out or "x"` for those that are not."""
    given, not_given = set(), set()

    def named(node):
        if isinstance(node, (ast.Attribute, ast.Name)):
            return last_name(node)
        if isinstance(node, ast.Subscript):
            index = getattr(node.slice, "value", node.slice)
            return index if isinstance(index, str) else next(iter(texts([index])), None)
        return None

    def ask(node):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            not_given.add(named(node.operand))
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            (not_given if isinstance(node.ops[0], (ast.Is, ast.Eq)) else given).add(named(node.left))
        elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            for value in node.values:
                ask(value)
        else:
            given.add(named(node))

    for source in sources:
        for node in source.all(ast.If, ast.IfExp):
            ask(node.test)
        for node in source.all(ast.BoolOp):
            if isinstance(node.op, ast.Or):
                not_given.update(named(value) for value in node.values[:-1])
    return given, not_given


def options_of(script):
    sources = sources_from(script)
    found = with_set_defaults([option for source in sources for option in of_argparse(source)], sources)
    for source in sources:
        if imports(source, "click", "rich_click", "asyncclick", "cloup"):
            found += of_click(source)
        if imports(source, "typer"):
            found += of_typer(source)
    found += of_dataclasses(sources)
    asked, provided = uses_of(sources)
    tells = any(source.tells_defaults for source in sources)
    by_name = {}
    for option in found:
        for name in option.names:
            by_name.setdefault(name, []).append(option)
    told = {}
    for name, options in by_name.items():
        # What the script says counts before what its modules say.
        near = [option for option in options if option.source is sources[0]] or options
        first = near[0].told()
        if any(option.told() != first for option in near):
            continue
        first["byHand"] = first["byHand"] and not tells
        first["onlyIfGiven"] = near[0].dest in asked and near[0].dest not in provided
        told[name] = first
    return told


if __name__ == "__main__":
    print(json.dumps(options_of(os.path.abspath(sys.argv[1]))))
