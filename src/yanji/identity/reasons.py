"""Why a scan cannot be used, or what to watch when it can: one code, one sentence that says what to do.

The web translates the sentences; code elsewhere compares codes only.
"""

from __future__ import annotations

REASONS: dict[str, str] = {
    # The scan as a whole
    "empty": "Nothing was read. Scan again.",
    "unknown_form": (
        "This is not a product code that Yanji knows. Scan the code with the maker's GS1, HIBC or MA mark."
    ),
    "too_long": "This is longer than any label. Scan one label at a time.",
    "caps_lock": "Capital and small letters look swapped. Turn Caps Lock off and scan again.",
    "input_method": "The keyboard's input method changed the scan. Switch it to English and scan again.",
    "not_escaped_text": "The text holds characters that no code can hold. Scan again.",
    "several_items": "Several different items were scanned together. Scan them one at a time.",
    "cannot_pair": "These two codes do not belong to one label. Scan both codes of the same label.",
    "link_mismatch": (
        "The second code belongs to another label: its link character differs. Scan both codes again."
    ),
    # Separators
    "ambiguous_separators": (
        "The scanner dropped the separators and the code can be read in several ways. "
        "Scan again with another scanner, or set this one to send the separator (GS, 0x1D)."
    ),
    "separators_lost": (
        "The scanner dropped the separators and the item is not in the catalogue, so the reading cannot be "
        "confirmed. Scan again, or set the scanner to send the separator (GS, 0x1D)."
    ),
    "separator_replaced": (
        "The scanner sends another character in place of the separator. Set it to send GS (0x1D), "
        "then scan again."
    ),
    # Setting a scanner up
    "not_the_test_symbol": "This is not the test symbol. Scan the one on this page.",
    "characters_lost": (
        "Characters of the scan are missing. Set a longer pause between characters in the scanner, or a shorter "
        "cable or distance, and scan again."
    ),
    "case_changed": (
        "The scanner turns all letters into capital or small ones. Switch its case conversion off and scan again."
    ),
    "keyboard_layout": (
        "The scanner types for another keyboard than this computer's. Set the scanner's keyboard country to that "
        "of the computer, or the computer to English (US), or switch the scanner's AIM identifier on, and scan again."
    ),
    "separator_ambiguous": (
        "The scanner sends a character in place of the separator that lots and serial numbers may hold too. Set it "
        "to send GS (0x1D), F8 or |."
    ),
    "separators_vary": (
        "The scanner sends different things for one separator. Set it to send GS (0x1D) and scan again."
    ),
    "not_a_gs1_mark": (
        "The scanner marks a GS1 symbol as a plain one. Switch GS1 (FNC1) on in the scanner and scan again."
    ),
    "affix_of_letters": (
        "The scanner adds letters or digits around every code, which cannot be told from the code. Switch its prefix, "
        "suffix and code identifier off; leave only the AIM identifier on."
    ),
    # GS1 structure
    "no_elements": "The code holds no data. Scan again.",
    "unknown_ai": (
        "The code has a field number that GS1 does not know. Scan again; if it stays, tell the supplier."
    ),
    "bad_length": "A field is too short or too long. Scan again; if it stays, tell the supplier.",
    "bad_brackets": "The brackets do not match. Type the field number in brackets, then its value.",
    "repeated_element": "One field is there twice with different values. Scan one label at a time.",
    "never_together": "Two fields that exclude each other are on one label. Tell the supplier.",
    "missing_companion": "A field needs another one that is not there. Scan all codes of the label.",
    "bad_digital_link": "The web address is no valid GS1 Digital Link. Scan the other code on the label.",
    # Content
    "bad_check_digit": "The check digit is wrong. Scan again; if it stays, send the code to master data.",
    "bad_characters": "A field holds characters that it may not hold. Scan again.",
    "bad_code": "A field holds a value that its code list does not know. Tell the supplier.",
    "bad_company_prefix": "The company prefix is no number. Tell the supplier.",
    "bad_date": "The date does not exist. Check the label and type the date by hand.",
    "bad_time": "The time does not exist. Check the label and type it by hand.",
    # Other issuers
    "bad_hibc": "The HIBC code is incomplete or damaged. Scan again.",
    "bad_isbt": "The ISBT 128 code is incomplete or damaged. Scan again.",
    "bad_ma": "The MA code is incomplete or damaged. Scan again.",
    "bad_ahm": "The AHM code is incomplete or damaged. Scan again.",
    "bad_envelope": (
        "The message envelope is incomplete or of a kind that Yanji does not know. Scan another code."
    ),
    # Tags
    "unknown_tag": (
        "This tag is not programmed, or with a scheme that Yanji does not know. Scan the barcode instead."
    ),
    "bad_tag": (
        "The tag's memory does not follow its own scheme. Scan the barcode instead and report the tag."
    ),
    "bad_epc_uri": "The EPC address does not follow its own scheme.",
    "internal": "Yanji could not read this code. Scan another code of the label and report this one.",
}

WARNINGS: dict[str, str] = {
    "only_production_data": "Only lot, serial or date were read. Scan the code with the product number too.",
    "only_product_number": (
        "Only the product number was read. Scan the code with lot and expiry if there is one."
    ),
    "no_symbology_identifier": (
        "The scanner does not say which symbol it read, so this reading is less certain."
    ),
    "not_a_gs1_symbol": "The symbol is not marked as GS1 although its content reads like it.",
    "plain_text": "The symbol is sound but holds no product code.",
    "separators_recovered": (
        "The scanner dropped the separators; only one reading was possible. Set the scanner up."
    ),
    "separator_notation": "The separator was written as text and has been put back.",
    "full_width": "Full-width characters were turned into plain ones. Switch the input method to English.",
    "day_is_end_of_month": "The label gives no day: the last day of the month is meant.",
    "package_level": "This is the code of a package, not of the single unit inside.",
    "expires_before_made": "The expiry lies before the date of manufacture. Check the label.",
    "two_expiry_dates": "The label gives two different ends of life; the earlier one is used.",
    "donation_check": "The donation number and its own check differ. Compare it with the label.",
    "unconfirmed_format": "Few samples of this code are known. Compare what was read with the label.",
    "short_gtin": "The product number was written short and has been filled with zeros.",
    "word_keys": "The web address uses words where GS1 now asks for numbers.",
    "missing_key": "The field that this one belongs to was not read. Scan all codes of the label.",
    "separators_dropped": (
        "The scanner drops the separators, so that many labels cannot be read for certain. Set it to send GS (0x1D), "
        "F8 or |."
    ),
    "separator_substituted": (
        "The scanner sends another character in place of the separator. It is turned back; GS (0x1D) is better."
    ),
    "no_aim_identifier": (
        "The scanner does not say which symbol it read. Switch its AIM identifier on: readings become certain."
    ),
    "keyboard_learnt": (
        "The scanner types for another keyboard than this computer's. It is turned back, but for characters that this "
        "keyboard swallows: those labels are refused. Better set the scanner's keyboard country to that of the computer."
    ),
    "affixes": "The scanner adds characters of its own around every code. They are taken off.",
}
