package survey

// StormRule says when the cases of a channel come too fast to be read one by one.
type StormRule struct {
	// After is how many a channel shows one by one within the span; 0 sets no limit.
	After int `yaml:"after"`
	// Within is the span; without a new case for as long a storm is over.
	Within Span `yaml:"within"`
}
