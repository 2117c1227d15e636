package views

// firstTopics keeps a row short.
func firstTopics(topics []string) []string { return topics[:min(len(topics), 3)] }

func permissionWord(permission string) string {
	switch permission {
	case "admin":
		return "Admin"
	case "maintain":
		return "Maintain"
	case "push":
		return "Write"
	case "triage":
		return "Triage"
	default:
		return "Read"
	}
}
