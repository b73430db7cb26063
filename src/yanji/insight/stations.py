"""Stations: what a picture shows as one place. Bins and cabinets count as the store or department that they stand in."""

# Joined to a place ``p``: ``s`` is its station, the innermost store or department on its way to the root. Both are there
# only where there is one: ask for ``coalesce(s.id, p.id)``.
INNERMOST = """
LEFT JOIN LATERAL (SELECT up.id FROM places_place up
                    WHERE up.id = ANY (string_to_array(trim(both '/' from p.path), '/')::bigint[])
                      AND up.kind IN ('department', 'store') ORDER BY length(up.path) DESC LIMIT 1) s ON true"""
