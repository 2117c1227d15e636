package views

type setupVariable struct {
	names   []string
	meaning string
}

var setupVariables = []setupVariable{
	{[]string{"GITHUB_CLIENT_ID"}, "The client id, near the top of the App's page. It starts with Iv."},
	{[]string{"GITHUB_CLIENT_SECRET"}, "Generate a client secret and copy it at once: GitHub shows it only this time."},
	{[]string{"GITHUB_PRIVATE_KEY", "GITHUB_PRIVATE_KEY_FILE"}, "Generate a private key. Put in the key itself, or the path of the file you downloaded."},
	{[]string{"GITHUB_URL"}, "Only for GitHub Enterprise Server or ghe.com: its address. Otherwise leave it out."},
}
