package db

// The actions of audit entries: a verb and its object. CountCreatedTokens also lists those
// that create tokens.
const (
	AuditSignIn             = "sign in"
	AuditSignOut            = "sign out"
	AuditEndSession         = "end session"
	AuditEndOtherSessions   = "end other sessions"
	AuditResetAuthorization = "reset authorization"
	AuditDisconnect         = "disconnect"
	AuditRevokedOnGitHub    = "revoke authorization on GitHub"
	AuditDeleteAccount      = "delete account"
	AuditCreateAPIToken     = "create API token"
	AuditRotateAPIToken     = "rotate API token"
	AuditRevokeAPIToken     = "revoke API token"
	AuditUseAPIToken        = "use API token from new network"
	AuditCreateAccessToken  = "create access token"
	AuditRevokeAccessToken  = "revoke access token"
	AuditCreateAppToken     = "create app token"
	AuditRemoveInstallation = "remove installation"
	AuditAddInstallation    = "add installation"
	AuditImport             = "import repositories"
	AuditRemoveImports      = "remove imports"
	AuditUndo               = "undo"
	AuditAddRepository      = "add repository to installation"
	AuditRemoveRepository   = "remove repository from installation"
	AuditCreateAttachment   = "create content attachment"
	AuditSuspend            = "suspend installation"
	AuditUnsuspend          = "unsuspend installation"
	AuditUninstall          = "uninstall installation"
	AuditRedeliver          = "redeliver webhook"
	AuditRecoverDeliveries  = "fetch missed webhooks"
	AuditChangeHook         = "change webhook"
	AuditSetUpApp           = "set up App"
	AuditRefuseOperator     = "refuse operator"
	AuditRefuseOperatorPage = "refuse operator access"
	AuditAcceptSetupCode    = "accept setup code"
	AuditRefuseSetupCode    = "refuse setup code"
	AuditRefuseSignature    = "refuse webhook signature"
	AuditStart              = "start server"
)

// AuditActions lists all of them, for filters.
var AuditActions = []string{
	AuditSignIn, AuditSignOut, AuditEndSession, AuditEndOtherSessions, AuditResetAuthorization, AuditDisconnect, AuditRevokedOnGitHub, AuditDeleteAccount,
	AuditCreateAPIToken, AuditRotateAPIToken, AuditRevokeAPIToken, AuditUseAPIToken, AuditCreateAccessToken, AuditRevokeAccessToken, AuditCreateAppToken, AuditAddInstallation,
	AuditImport, AuditRemoveImports, AuditUndo, AuditAddRepository, AuditRemoveRepository, AuditCreateAttachment,
	AuditSuspend, AuditUnsuspend, AuditUninstall, AuditRemoveInstallation, AuditRedeliver, AuditRecoverDeliveries, AuditChangeHook,
	AuditSetUpApp, AuditRefuseOperator, AuditRefuseOperatorPage, AuditAcceptSetupCode, AuditRefuseSetupCode, AuditRefuseSignature, AuditStart,
}
