package views

// verdictWord is the label of a verdict.
func verdictWord(verdict string) string {
	switch verdict {
	case "fine":
		return "Accessible"
	case "archived":
		return "Accessible (archived)"
	case "renamed":
		return "Renamed"
	case "suspended":
		return "Suspended"
	case "awaiting_approval":
		return "Awaiting approval"
	case "not_visible":
		return "App not installed"
	case "ip_allow_list":
		return "IP allow list"
	case "managed_user":
		return "Managed by an enterprise"
	case "blocked":
		return "Blocked"
	case "unavailable":
		return "Not checked"
	}
	return "No access"
}
