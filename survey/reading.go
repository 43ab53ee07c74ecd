package survey

// Tone is what a comment sounds like beyond doubt, whatever the score says.
type Tone string

// The tones. Most comments have none.
const (
	// Angry: it complains strongly, or says that the customer is about to leave.
	Angry Tone = "angry"
	// Pleased: it praises, and complains of nothing.
	Pleased Tone = "pleased"
)

// Reading is what a comment says beside its score: numbers and ids, none of its words.
type Reading struct {
	// By names what read it, as another lexicon, model or list of topics may read it in
	// another way; "" where nothing did.
	By string `json:"by"`
	// Language is en, fr, de or es, "" where it is unknown or another.
	Language string `json:"language,omitempty"`
	// Sentiment is from -1, a complaint, to 1, praise; 0 where nothing tells.
	Sentiment float64 `json:"sentiment"`
	// Confidence is how likely the sign of Sentiment is right, 0.5 to 1.
	Confidence float64 `json:"confidence"`
	Tone       Tone    `json:"tone,omitempty"`
	// Topics are the ids of what it is about, sorted.
	Topics []string `json:"topics,omitempty"`
	// Marks are by which of its words one can tell, in their order.
	Marks []Mark `json:"marks,omitempty"`
}

// Mark is a place in a comment that says something.
type Mark struct {
	// From and To are in bytes of the comment.
	From int `json:"from"`
	To   int `json:"to"`
	// Weight is below 0 of complaints; 0 tells of the topic alone.
	Weight float64 `json:"weight,omitempty"`
	// Topic is what it is about, or "".
	Topic string `json:"topic,omitempty"`
}

// Read reports whether something read the comment.
func (r Reading) Read() bool { return r.By != "" }

// About are the words of a comment that tell of a topic; "" asks for those by which the
// sentiment is known that weigh to the side of a sign.
func (r Reading) About(comment, topic string, sign float64) []string {
	var words []string
	for _, m := range r.Marks {
		fits := m.Topic == topic && (topic != "" || m.Weight*sign > 0)
		if fits && 0 <= m.From && m.From < m.To && m.To <= len(comment) {
			words = append(words, comment[m.From:m.To])
		}
	}
	return words
}
