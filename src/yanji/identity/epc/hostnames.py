"""Web domains on tags of the `++` schemes (GS1 EPC TDS 2.3, section 14.5.16)."""

from __future__ import annotations

from yanji.identity.epc.bits import BitReader, bits_of
from yanji.identity.epc.text import from_code40, to_code40

# Optimisation table A: one 7-bit code for a frequent beginning or ending. All are outside the 82 characters.
_SEVEN = {
    0x1E: "qr.", 0x1F: "www.", 0x20: "id.", 0x5B: ".com", 0x5C: ".org", 0x5D: ".net", 0x5E: ".int",
    0x60: ".edu", 0x7B: ".gov", 0x7C: ".mil", 0x7D: ".biz", 0x7E: ".eco", 0x7F: ".med",
}  # fmt: skip

# Tables B1 to B4: two codes, the first of them 0 to 3, for country and compound endings.
_FOURTEEN = tuple(
    tuple("." + name for name in names.split())
    for names in (
        """
        ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo bq br
        bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec
        ee eg eh er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy
        hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz
        la lb lc li
        """,
        """
        lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc
        ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw
        sa sb sc sd se sg sh si sk sl sm sn sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to
        tr tt tv tw tz ua ug us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
        """,
        """
        com.au net.au org.au co.at com.bd co.bd com.br net.br co.nz com.ng com.pk co.in com.in co.il
        co.jp co.za co.kr com.es com.lk co.th co.tt com.tt com.tr biz.tr com.ua co.uk co.zm com.zm
        com.cn org.cn net.cn gov.cn
        """,
        "tech",
    )
)
_CODES: dict[str, tuple[int, ...]] = {text: (code,) for code, text in _SEVEN.items()}
_CODES |= {text: (table, at) for table, texts in enumerate(_FOURTEEN) for at, text in enumerate(texts)}
_LONGEST_FIRST = sorted(_CODES, key=len, reverse=True)
_CODE40 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:")
_MOST = 63


def decode_hostname(bits: BitReader) -> str | None:
    """The domain that follows, or None when a code is not assigned. Raises NotEnoughBitsError."""
    seven_bit, length = bits.number(1), bits.number(6)
    if not seven_bit:
        return from_code40(bits, length)
    host, read = "", 0
    while read < length:
        code = bits.number(7)
        read += 1
        if code < len(_FOURTEEN):
            second = bits.number(7)
            read += 1
            if second >= len(_FOURTEEN[code]):
                return None
            host += _FOURTEEN[code][second]
        elif code in _SEVEN:
            host += _SEVEN[code]
        elif code > 0x20:
            host += chr(code)
        else:
            return None
    return host


def encode_hostname(host: str) -> str | None:
    """Bits of a domain, by the shorter of both methods; None when it is too long or has other characters."""
    codes = _seven_bit_codes(host)
    if not host or codes is None or len(codes) > _MOST:
        return None
    shortest = "1" + bits_of(len(codes), 6) + "".join(bits_of(code, 7) for code in codes)
    if set(host) <= _CODE40:
        other = "0" + bits_of(len(host), 6) + to_code40(host)
        return min(shortest, other, key=len)
    return shortest


def _seven_bit_codes(host: str) -> list[int] | None:
    codes: list[int] = []
    at = 0
    while at < len(host):
        known = next((text for text in _LONGEST_FIRST if host.startswith(text, at)), None)
        if known and (not known.startswith(".") or _ends_label(host, at + len(known))):
            codes += _CODES[known]
            at += len(known)
        elif 0x20 < ord(host[at]) < 0x7B and ord(host[at]) not in _SEVEN:
            codes.append(ord(host[at]))
            at += 1
        else:
            return None
    return codes


def _ends_label(host: str, at: int) -> bool:
    # `.co` inside `.company` saves nothing and would read oddly to other software.
    return at == len(host) or host[at] in ".:"
