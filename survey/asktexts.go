package survey

// AskTexts are the words of the asks for a review and for a testimonial; "" in programs
// that do not ask for it.
type AskTexts struct {
	ReviewSubject string `json:"review_subject,omitempty" yaml:"review_subject"`
	ReviewBody    string `json:"review_body,omitempty" yaml:"review_body"`
	ReviewButton  string `json:"review_button,omitempty" yaml:"review_button"`
	ReviewPage    string `json:"review_page,omitempty" yaml:"review_page"`

	TestimonialSubject string `json:"testimonial_subject,omitempty" yaml:"testimonial_subject"`
	TestimonialBody    string `json:"testimonial_body,omitempty" yaml:"testimonial_body"`
	TestimonialButton  string `json:"testimonial_button,omitempty" yaml:"testimonial_button"`
	TestimonialPage    string `json:"testimonial_page,omitempty" yaml:"testimonial_page"`
	// TestimonialConsent is what somebody agrees to.
	TestimonialConsent string `json:"testimonial_consent,omitempty" yaml:"testimonial_consent"`
	// TestimonialName is above the names to choose from, TestimonialNoName one of them.
	TestimonialName   string `json:"testimonial_name,omitempty" yaml:"testimonial_name"`
	TestimonialNoName string `json:"testimonial_no_name,omitempty" yaml:"testimonial_no_name"`
	// TestimonialCompany names the company besides.
	TestimonialCompany  string `json:"testimonial_company,omitempty" yaml:"testimonial_company"`
	TestimonialRequired string `json:"testimonial_required,omitempty" yaml:"testimonial_required"`
	TestimonialSend     string `json:"testimonial_send,omitempty" yaml:"testimonial_send"`
	TestimonialGiven    string `json:"testimonial_given,omitempty" yaml:"testimonial_given"`
	TestimonialWithdraw string `json:"testimonial_withdraw,omitempty" yaml:"testimonial_withdraw"`
	TestimonialOver     string `json:"testimonial_over,omitempty" yaml:"testimonial_over"`
}

// AskWords are the words of the mail of an ask, and of its page.
type AskWords struct{ Subject, Body, Button, Page string }

// AskWords are those of a kind.
func (t Texts) AskWords(kind AskKind) AskWords {
	switch kind {
	case AskReview:
		return AskWords{t.ReviewSubject, t.ReviewBody, t.ReviewButton, t.ReviewPage}
	case AskTestimonial:
		return AskWords{t.TestimonialSubject, t.TestimonialBody, t.TestimonialButton, t.TestimonialPage}
	}
	return AskWords{t.AskSubject, t.AskBody, t.AskButton, t.AskPage}
}
