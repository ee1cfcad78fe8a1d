"""The names that IANA gives encodings, and Python's codecs for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from reconciler.language.functions.signature import ArgumentError
from reconciler.model.suggestion import did_you_mean

# Python's name, then IANA's names and aliases.
_NAMES = """
    utf-8: UTF-8 csUTF8
    utf-16-be: UTF-16BE csUTF16BE UTF-16 csUTF16
    utf-16-le: UTF-16LE csUTF16LE
    ascii: US-ASCII iso-ir-6 ANSI_X3.4-1968 ANSI_X3.4-1986 ISO_646.irv:1991 ISO646-US us IBM367 cp367 csASCII
    latin-1: ISO-8859-1 ISO_8859-1:1987 ISO_8859-1 iso-ir-100 latin1 l1 IBM819 CP819 csISOLatin1
    iso8859-2: ISO-8859-2 ISO_8859-2:1987 ISO_8859-2 iso-ir-101 latin2 l2 csISOLatin2
    iso8859-3: ISO-8859-3 ISO_8859-3:1988 ISO_8859-3 iso-ir-109 latin3 l3 csISOLatin3
    iso8859-4: ISO-8859-4 ISO_8859-4:1988 ISO_8859-4 iso-ir-110 latin4 l4 csISOLatin4
    iso8859-5: ISO-8859-5 ISO_8859-5:1988 ISO_8859-5 iso-ir-144 cyrillic csISOLatinCyrillic
    iso8859-6: ISO-8859-6 ISO_8859-6:1987 ISO_8859-6 iso-ir-127 ECMA-114 ASMO-708 arabic ISO-8859-6-E ISO-8859-6-I
    iso8859-7: ISO-8859-7 ISO_8859-7:1987 ISO_8859-7 iso-ir-126 ELOT_928 ECMA-118 greek greek8 csISOLatinGreek
    iso8859-8: ISO-8859-8 ISO_8859-8:1988 ISO_8859-8 iso-ir-138 hebrew csISOLatinHebrew ISO-8859-8-E ISO-8859-8-I
    iso8859-9: ISO-8859-9 ISO_8859-9:1989 ISO_8859-9 iso-ir-148 latin5 l5 csISOLatin5
    iso8859-10: ISO-8859-10 ISO_8859-10:1992 iso-ir-157 l6 latin6 csISOLatin6
    iso8859-13: ISO-8859-13 csISO885913
    iso8859-14: ISO-8859-14 ISO_8859-14:1998 ISO_8859-14 iso-ir-199 latin8 iso-celtic l8 csISO885914
    iso8859-15: ISO-8859-15 ISO_8859-15 Latin-9 csISO885915
    iso8859-16: ISO-8859-16 ISO_8859-16:2001 ISO_8859-16 iso-ir-226 latin10 l10 csISO885916
    cp437: IBM437 cp437 437 csPC8CodePage437
    cp850: IBM850 cp850 850 csPC850Multilingual
    cp852: IBM852 cp852 852 csPCp852
    cp855: IBM855 cp855 855 csIBM855
    cp858: IBM00858 CCSID00858 CP00858 PC-Multilingual-850+euro csIBM00858
    cp860: IBM860 cp860 860 csIBM860
    cp862: IBM862 cp862 862 csPC862LatinHebrew
    cp863: IBM863 cp863 863 csIBM863
    cp865: IBM865 cp865 865 csIBM865
    cp866: IBM866 cp866 866 csIBM866
    cp037: IBM037 cp037 ebcdic-cp-us ebcdic-cp-ca ebcdic-cp-wt ebcdic-cp-nl csIBM037
    cp1140: IBM01140 CCSID01140 CP01140 ebcdic-us-37+euro csIBM01140
    koi8-r: KOI8-R csKOI8R
    koi8-u: KOI8-U csKOI8U
    mac-roman: macintosh mac csMacintosh
    cp874: windows-874 cswindows874
    cp1250: windows-1250 cswindows1250
    cp1251: windows-1251 cswindows1251
    cp1252: windows-1252 cswindows1252
    cp1253: windows-1253 cswindows1253
    cp1254: windows-1254 cswindows1254
    cp1255: windows-1255 cswindows1255
    cp1256: windows-1256 cswindows1256
    cp1257: windows-1257 cswindows1257
    cp1258: windows-1258 cswindows1258
    cp932: Shift_JIS MS_Kanji csShiftJIS
    euc-jp: EUC-JP Extended_UNIX_Code_Packed_Format_for_Japanese csEUCPkdFmtJapanese
    iso2022-jp: ISO-2022-JP csISO2022JP
    gbk: GBK CP936 MS936 windows-936 csGBK
    gb18030: GB18030 csGB18030
    hz: HZ-GB-2312
    big5hkscs: Big5 csBig5
    euc-kr: EUC-KR csEUCKR
"""


def codec(name: str) -> str:
    """Python's name for an encoding; the argument 1 is refused where there is none."""
    found = _table().get(name.upper())
    if found is None:
        detail = f"There is no encoding named `{name}` among those that envform knows."
        raise ArgumentError(1, detail, did_you_mean(name.upper(), _table()))
    return found


@cache
def _table() -> Mapping[str, str]:
    lines = (line.split() for line in _NAMES.strip().splitlines())
    return {name.upper(): own.removesuffix(":") for own, *names in lines for name in names}
