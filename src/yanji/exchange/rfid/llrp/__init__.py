"""The Low Level Reader Protocol (LLRP 1.0.1 and 1.1, GS1), as far as gates, cabinets and handhelds speak it. No Django."""

from .reads import Happening, TagRead, happening, tag_reads
from .wire import Element, Frames, LlrpError, Message, decode, encode

__all__ = [
    "Element",
    "Frames",
    "Happening",
    "LlrpError",
    "Message",
    "TagRead",
    "decode",
    "encode",
    "happening",
    "tag_reads",
]
