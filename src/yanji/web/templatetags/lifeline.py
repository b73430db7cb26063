"""What the entries of a life line say besides who, where and why."""

from django import template

from ..life import facts

register = template.Library()
register.simple_tag(facts, name="passage_facts")
