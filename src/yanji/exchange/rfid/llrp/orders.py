"""What a client asks of a reader so that every tag in its field is reported, and reports outlive a broken connection."""

from collections.abc import Sequence

from .wire import Element, Message

ROSPEC = 0x59414E  # the one rule that we put into a reader; others may keep their own beside it
KEEPALIVE_SECONDS = 5
GEN2 = 1
ON_START, BY_CLOCK, AFTER_N_TAGS = 1, 1, 1
EVENTS = (3, 4, 8)  # buffer filling, the reader's exceptions, antennas
INPUTS = 1  # events of its general purpose inputs (GPI)
STATES_OF_INPUTS = 9  # of what can be asked of a reader's configuration


def capabilities() -> Message:
    """What can you do? All of it."""
    return Message("GET_READER_CAPABILITIES", {"RequestedData": 0})


def settings(keepalive: float = KEEPALIVE_SECONDS, door: int | None = None) -> Message:
    """Say that you live, tell of antennas and buffers, and keep reports for us while we are away. ``door``: the input to which
    the contact of a door is wired; it is switched on, and told when it changes."""
    told = (*EVENTS, INPUTS) if door else EVENTS
    events = (Element("EventNotificationState", {"EventType": each, "NotificationState": 1}) for each in told)
    inputs = (Element("GPIPortCurrentState", {"GPIPortNum": door, "Config": 1}),) if door else ()
    return Message(
        "SET_READER_CONFIG",
        inside=(
            Element("ReaderEventNotificationSpec", inside=tuple(events)),
            Element(
                "KeepaliveSpec",
                {"KeepaliveTriggerType": BY_CLOCK, "PeriodicTriggerValue": round(keepalive * 1000)},
            ),
            *inputs,
            Element("EventsAndReports", {"HoldEventsAndReportsUponReconnect": 1}),
        ),
    )


def state_of_input(number: int) -> Message:
    """How does this input stand now?"""
    return Message("GET_READER_CONFIG", {"RequestedData": STATES_OF_INPUTS, "GPIPortNum": number})


def inventory(antennas: Sequence[int] = ()) -> Message:
    """Read Gen2 tags from now on, with these antennas (none: with all), and report each round of them."""
    wanted = ("ROSpecID", "AntennaID", "PeakRSSI", "FirstSeenTimestamp", "LastSeenTimestamp", "TagSeenCount")
    return Message(
        "ADD_ROSPEC",
        inside=(
            Element(
                "ROSpec",
                {"ROSpecID": ROSPEC},
                (
                    Element(
                        "ROBoundarySpec",
                        inside=(
                            Element("ROSpecStartTrigger", {"ROSpecStartTriggerType": ON_START}),
                            Element("ROSpecStopTrigger"),
                        ),
                    ),
                    Element(
                        "AISpec",
                        {"AntennaIDs": tuple(antennas) or (0,)},
                        (
                            Element(
                                "AISpecStopTrigger", {"AISpecStopTriggerType": 1, "DurationTrigger": 500}
                            ),
                            Element(
                                "InventoryParameterSpec", {"InventoryParameterSpecID": 1, "ProtocolID": GEN2}
                            ),
                        ),
                    ),
                    Element(
                        "ROReportSpec",
                        {"ROReportTrigger": AFTER_N_TAGS, "N": 0},
                        (Element("TagReportContentSelector", {f"Enable{each}": 1 for each in wanted}),),
                    ),
                ),
            ),
        ),
    )


def enable() -> Message:
    return Message("ENABLE_ROSPEC", {"ROSpecID": ROSPEC})


def forget() -> Message:
    """Take our rule out again, as an earlier run left it."""
    return Message("DELETE_ROSPEC", {"ROSpecID": ROSPEC})


def known_rules() -> Message:
    return Message("GET_ROSPECS")


def go_on() -> Message:
    """Send what you kept while we were away, and what comes."""
    return Message("ENABLE_EVENTS_AND_REPORTS")


def still_here() -> Message:
    return Message("KEEPALIVE_ACK")


def good_bye() -> Message:
    return Message("CLOSE_CONNECTION")
