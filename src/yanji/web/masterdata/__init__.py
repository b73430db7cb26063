"""Pages of the people who keep master data: the catalogue, the places, and who may do what."""
