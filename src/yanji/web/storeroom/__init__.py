"""Pages of the storekeeper: receive, put away, pick, issue, inspect, scrap, label."""
