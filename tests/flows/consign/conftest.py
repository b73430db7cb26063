from tests.flows.theatre.conftest import room

__all__ = ["room"]
