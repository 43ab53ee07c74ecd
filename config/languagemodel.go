package config

// LanguageModel is a server that takes OpenAI's chat completions.
type LanguageModel struct {
	// BaseURL is what /chat/completions is below, "" where no model is asked.
	BaseURL string `yaml:"base_url"`
	APIKey  Secret `yaml:"api_key"`
	Model   string `yaml:"model"`
}
