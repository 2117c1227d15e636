package views

// verdictWord is a verdict as people read it.
func verdictWord(verdict string) string {
	switch verdict {
	case "fine":
		return "Fine"
	case "archived":
		return "Fine, archived"
	case "renamed":
		return "Renamed"
	case "suspended":
		return "Suspended"
	case "awaiting_approval":
		return "Awaiting approval"
	case "not_visible":
		return "No installation for you"
	}
	return "Not within reach"
}
