"""A form that is refused comes back as it was typed, on every page: what was sent stands in its fields again.

Done once, over the finished page, because a template that forgets one field makes somebody type everything twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from itertools import accumulate
from urllib.parse import urlsplit

Attributes = list[tuple[str, str | None]]
Edit = tuple[int, int, str]
# The key and the token are the page's own; what a program gives, a file or a password is never sent back.
OWN = frozenset({"key", "csrfmiddlewaretoken"})
KEPT = frozenset({"hidden", "file", "password", "submit", "button", "image", "reset"})


@dataclass(slots=True)
class Tag:
    """One start tag: where it stands in the page, and for a text area where its text ends."""

    name: str
    attributes: Attributes
    start: int
    end: int
    text_end: int = 0

    def get(self, name: str, default: str = "") -> str:
        return next((value or "" for key, value in self.attributes if key == name), default)

    def has(self, name: str) -> bool:
        return any(key == name for key, _value in self.attributes)

    def with_(self, name: str, value: str | None) -> Edit:
        """The tag with this attribute; without it where the value is None."""
        kept = [(key, was) for key, was in self.attributes if key != name]
        kept += [] if value is None else [(name, value)]
        written = "".join(f" {key}" if was is None else f' {key}="{escape(was)}"' for key, was in kept)
        return self.start, self.end, f"<{self.name}{written}>"


@dataclass(slots=True)
class Form:
    """One form that is posted: its fields in order, the options of each choice, and what has to be unfolded to see it."""

    tag: Tag
    folds: list[Tag]
    fields: list[Tag] = field(default_factory=list)
    options: list[tuple[str, Tag]] = field(default_factory=list)

    def hidden(self) -> Iterator[tuple[str, str]]:
        for each in self.fields:
            if each.get("type") == "hidden" and each.get("name") not in OWN:
                yield each.get("name"), each.get("value")


class Forms(HTMLParser):
    """Finds the posted forms of a page with their fields, those that name their form from outside included."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lines = [0, *accumulate(len(line) + 1 for line in html.split("\n"))]
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.inside: Form | None = None
        self.outside: list[Tag] = []
        self.folds: list[Tag] = []
        self.choice = ""
        self.area: Tag | None = None
        self.drafts = 0
        self.feed(html)
        self.close()
        for each in self.outside:
            if form := self.by_id.get(each.get("form")):
                form.fields.append(each)

    def _at(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if tag == "template":
            self.drafts += 1
        if self.drafts:
            return  # what a script copies from has been sent by nobody
        start = self._at()
        found = Tag(tag, attrs, start, start + len(self.get_starttag_text() or ""))
        if tag == "form":
            self.inside = Form(found, list(self.folds)) if found.get("method").lower() == "post" else None
            if self.inside:
                self.forms.append(self.inside)
                self.by_id[found.get("id")] = self.inside
        elif tag == "details":
            self.folds.append(found)
        elif tag in ("input", "select", "textarea"):
            self._field(tag, found)
        elif tag == "option" and self.inside and self.choice:
            self.inside.options.append((self.choice, found))

    def _field(self, tag: str, found: Tag) -> None:
        if found.has("form"):
            self.outside.append(found)
        elif self.inside:
            self.inside.fields.append(found)
        self.choice = found.get("name") if tag == "select" else ""
        self.area = found if tag == "textarea" else None

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.drafts -= 1
        elif self.drafts:
            return
        elif tag == "form":
            self.inside = None
        elif tag == "details" and self.folds:
            self.folds.pop()
        elif tag == "select":
            self.choice = ""
        elif tag == "textarea" and self.area:
            self.area.text_end, self.area = self._at(), None


def retyped(html: str, path: str, sent: Mapping[str, Sequence[str]]) -> str:
    """The page with ``sent`` in the fields of the form that was posted to ``path``. Pure; unchanged where there is none.

    Hidden fields tell several forms of one address apart. A field that stands several times is filled only where it was
    sent as often: otherwise the page has drawn its rows anew.
    """
    form = _posted(Forms(html).forms, path, sent)
    if form is None:
        return html
    edits = [*_unfolded(form), *_filled(form, sent), *_chosen(form, sent)]
    for start, end, text in sorted(edits, reverse=True):
        html = html[:start] + text + html[end:]
    return html


def _posted(forms: Sequence[Form], path: str, sent: Mapping[str, Sequence[str]]) -> Form | None:
    there = [form for form in forms if urlsplit(form.tag.get("action")).path in ("", path)]
    same = [form for form in there if all(value in sent.get(name, ()) for name, value in form.hidden())]
    named = same or (there if len(there) == 1 else [])
    return max(named, key=lambda form: sum(each.get("name") in sent for each in form.fields), default=None)


def _unfolded(form: Form) -> Iterator[Edit]:
    return (fold.with_("open", "") for fold in form.folds)


def _filled(form: Form, sent: Mapping[str, Sequence[str]]) -> Iterator[Edit]:
    """Texts, numbers, days, and what is ticked. A scan field has no name, and stays empty for the next scan."""
    texts: dict[str, list[Tag]] = {}
    for each in form.fields:
        kind = each.get("type", "text")
        if each.name == "select" or kind in KEPT:
            continue
        if kind in ("checkbox", "radio"):
            ticked = each.get("value", "on") in sent.get(each.get("name"), ())
            yield each.with_("checked", "" if ticked else None)
        else:
            texts.setdefault(each.get("name"), []).append(each)
    for name, tags in texts.items():
        values = sent.get(name, ())
        for tag, value in zip(tags, values, strict=True) if len(tags) == len(values) else ():
            yield (
                (tag.end, tag.text_end, escape(value))
                if tag.name == "textarea"
                else tag.with_("value", value)
            )


def _chosen(form: Form, sent: Mapping[str, Sequence[str]]) -> Iterator[Edit]:
    single = [each.get("name") for each in form.fields if each.name == "select"]
    for name, option in form.options:
        # Of choices that repeat by row only the page itself knows which is whose.
        if single.count(name) == 1 and name in sent and option.has("value"):
            yield option.with_("selected", "" if option.get("value") in sent[name] else None)
