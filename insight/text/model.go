package text

// Model reads comments better than the lexicon does, in the languages and of the topics
// where that was shown.
type Model struct {
	// Languages are what reads sentiments, by language.
	Languages map[string]*Classifier
}

var untrained Model
