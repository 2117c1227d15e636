package operators

type setupVariable struct {
	names   []string
	meaning string
}

var setupVariables = []setupVariable{
	{[]string{"GITHUB_CLIENT_ID"}, "The client ID, shown at the top of the app settings. It starts with Iv."},
	{[]string{"GITHUB_CLIENT_SECRET"}, "Generate a client secret and copy it. GitHub shows it only once."},
	{[]string{"GITHUB_PRIVATE_KEY", "GITHUB_PRIVATE_KEY_FILE"}, "Generate a private key. Use the key itself, or the path of the downloaded file."},
	{[]string{"GITHUB_URL"}, "Only for GitHub Enterprise Server or ghe.com: its URL."},
}
