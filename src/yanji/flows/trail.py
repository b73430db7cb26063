"""What was said about a document and what was attached to it: whoever may see the document may read it all."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import QuerySet
from django.utils.http import content_disposition_header

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Refused

from .acts import Done, verb
from .models_papers import Attachment, Remark, Withdrawal
from .papers import Paper, paper_of
from .photos import without_notes
from .sniffing import clean_name, sniff

MAX_ATTACHMENT_BYTES = 10 * 1024 * 1024
MOST_ATTACHMENTS = 100
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Trail:
    """Remarks and attachments of a document, oldest first; ``may_add``: whether this actor may add to them; ``only_own``: a
    supplier's, who sees no others."""

    paper: Paper
    document_id: int
    number: str
    remarks: Sequence[Remark]
    attachments: Sequence[Attachment]
    may_add: bool
    only_own: bool = False

    @property
    def entries(self) -> list[Remark | Attachment]:
        """Both in the order in which they came."""
        return sorted([*self.remarks, *self.attachments], key=lambda entry: entry.at)


def trail(actor: Actor, kind: str, document_id: int) -> Trail:
    """Raises :class:`NotFound` where the document is hidden or absent. Content of files is not loaded.

    What the hospital's people say among themselves a supplier does not see: only what its own people added.
    """
    paper = paper_of(kind)
    document = paper.seen(actor, document_id)
    of = {"kind": kind, "document_id": document_id}
    remarks = _seen(Remark.objects.filter(**of), actor).select_related("actor").order_by("-id")[:MOST_SHOWN]
    files = _seen(Attachment.objects.filter(**of), actor).defer("content").order_by("-id")
    files = files.select_related("actor", "withdrawal__actor")[:MOST_SHOWN]
    return Trail(
        paper,
        document_id,
        str(document),
        list(remarks)[::-1],
        list(files)[::-1],
        _may_add(paper, actor, document_id),
        actor.supplier_id is not None,
    )


Entry = TypeVar("Entry", Remark, Attachment)


def _seen(entries: QuerySet[Entry], actor: Actor) -> QuerySet[Entry]:
    return entries if actor.supplier_id is None else entries.filter(actor__supplier_id=actor.supplier_id)


def _may_add(paper: Paper, actor: Actor, document_id: int) -> bool:
    try:
        return not paper.act or bool(paper.acted_on(actor, document_id))
    except Refused:
        return False


@verb
def remark(*, actor: Actor, key: str, kind: str, document_id: int, text: str) -> Done:
    """Say something about a document; ``id`` of what is returned is the remark's."""
    document = paper_of(kind).acted_on(actor, document_id)
    if not text.strip():
        raise Refused("nothing_said")
    said = Remark.objects.create(
        kind=kind, document_id=document_id, text=text.strip(), actor_id=actor.person_id
    )
    return Done(str(document), said.pk)


@verb
def attach(*, actor: Actor, key: str, kind: str, document_id: int, file_name: str, content: bytes) -> Done:
    """Attach a file to a document; ``facts``: the name and type it is kept under. Of a photo only the picture is kept.

    Raises :class:`Refused` for what is empty, too large, no type that is taken, or holds a program.
    """
    document = paper_of(kind).acted_on(actor, document_id)
    kept = keep_file(actor, kind, document_id, file_name=file_name, content=content)
    facts = {"name": kept.name, "content_type": kept.content_type, "size": kept.size, "sha256": kept.sha256}
    return Done(str(document), kept.pk, facts=facts)


def keep_file(actor: Actor, kind: str, document_id: int, *, file_name: str, content: bytes) -> Attachment:
    """The file as it is kept with a document, for the verb that has been through the document's gate."""
    content_type = _checked(file_name, content)
    content = without_notes(content, content_type)
    digest = hashlib.sha256(content).hexdigest()
    _room(kind, document_id, digest)
    return Attachment.objects.create(
        kind=kind,
        document_id=document_id,
        name=clean_name(file_name, content_type),
        content_type=content_type,
        size=len(content),
        sha256=digest,
        content=content,
        actor_id=actor.person_id,
    )


def _checked(file_name: str, content: bytes) -> str:
    """The type of a file that may be kept."""
    thing = file_name[:80]
    if not content:
        raise Refused("attachment_empty", thing=thing)
    if len(content) > MAX_ATTACHMENT_BYTES:
        raise Refused("attachment_too_large", thing=thing, limit=MAX_ATTACHMENT_BYTES // 1024 // 1024)
    found = sniff(content, file_name)
    if not found.content_type:
        raise Refused("attachment_type", thing=thing)
    if found.content_type == "image/heic":
        # Where it was taken is interwoven with the picture: it cannot be cut out, and is not to be kept.
        raise Refused("attachment_heic", thing=thing)
    if found.active:
        raise Refused("attachment_active", thing=thing)
    return found.content_type


def _room(kind: str, document_id: int, digest: str) -> None:
    kept = Attachment.objects.filter(kind=kind, document_id=document_id, withdrawal__isnull=True)
    names = dict(kept.values_list("sha256", "name"))
    if digest in names:
        raise Refused("attachment_twice", thing=names[digest])
    if len(names) >= MOST_ATTACHMENTS:
        raise Refused("too_many_attachments", limit=MOST_ATTACHMENTS)


@verb
def withdraw(*, actor: Actor, key: str, kind: str, document_id: int, attachment_id: int, reason: str) -> Done:
    """Say that an attached file is not to be used; it stays in the record. Only who attached it may, or who may
    correct the document."""
    paper = paper_of(kind)
    document = paper.acted_on(actor, document_id)
    attachment = _of(actor, kind, document_id, attachment_id)
    if attachment.actor_id != actor.person_id:
        paper.gate(actor, document_id, may="correct")
    if not reason.strip():
        raise Refused("reason_needed")
    if hasattr(attachment, "withdrawal"):
        raise Refused("attachment_withdrawn", thing=attachment.name)
    Withdrawal.objects.create(attachment=attachment, reason=reason.strip(), actor_id=actor.person_id)
    return Done(str(document), attachment.pk)


def attached(actor: Actor, kind: str, document_id: int, attachment_id: int) -> Attachment:
    """A file with its content, through the gate of its document; refused where it was withdrawn."""
    paper_of(kind).seen(actor, document_id)
    found = _of(actor, kind, document_id, attachment_id)
    if hasattr(found, "withdrawal"):
        raise Refused("attachment_withdrawn", thing=found.name)
    return found


def _of(actor: Actor, kind: str, document_id: int, attachment_id: int) -> Attachment:
    """Only of this document: a number alone opens nothing."""
    found = _seen(Attachment.objects.filter(kind=kind, document_id=document_id), actor).select_related(
        "withdrawal"
    )
    attachment = (
        found.defer("content").filter(pk=attachment_id).first() if 0 < attachment_id < 2**63 else None
    )
    if attachment is None:
        raise NotFound("attachment")
    return attachment


def download_headers(attachment: Attachment) -> dict[str, str]:
    """How a file leaves: to be saved and never shown in our name, whatever is in it."""
    return {
        "Content-Type": attachment.content_type,
        "Content-Disposition": content_disposition_header(True, attachment.name) or "attachment",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
