"""Pages of wards and theatres: request, take in, use, give back, scrap."""
