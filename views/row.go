package views

// firstTopics keeps a row short.
func firstTopics(topics []string) []string { return topics[:min(len(topics), 3)] }

func permissionWord(permission string) string {
	switch permission {
	case "admin":
		return "You administer it"
	case "maintain":
		return "You maintain it"
	case "push":
		return "You can push"
	case "triage":
		return "You can triage"
	default:
		return "You can read"
	}
}
