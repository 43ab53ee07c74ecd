package survey

// PageBuiltIn is the page of a ReferralRule whose friends leave their details on cxloop's
// own page.
const PageBuiltIn = "built_in"

// BuiltIn reports whether promoters get a personal link to pass on, which leads to
// cxloop's own page.
func (r ReferralRule) BuiltIn() bool { return r.Page == PageBuiltIn && !r.Off }

// FriendTexts are the words of a personal link, in one language: share_* are read by the
// promoter, friend_* by those to whom the link is passed on, thanked_* is the mail to the
// promoter when one left their details. Programs without cxloop's own page have none.
type FriendTexts struct {
	ShareTitle  string `json:"share_title,omitempty" yaml:"share_title"`
	ShareText   string `json:"share_text,omitempty" yaml:"share_text"`
	ShareLabel  string `json:"share_label,omitempty" yaml:"share_label"`
	ShareCopy   string `json:"share_copy,omitempty" yaml:"share_copy"`
	ShareCopied string `json:"share_copied,omitempty" yaml:"share_copied"`
	ShareMail   string `json:"share_mail,omitempty" yaml:"share_mail"`
	// ShareSubject and ShareBody are of the mail that the promoter may write; the body
	// holds {link}.
	ShareSubject string `json:"share_subject,omitempty" yaml:"share_subject"`
	ShareBody    string `json:"share_body,omitempty" yaml:"share_body"`

	FriendTitle string `json:"friend_title,omitempty" yaml:"friend_title"`
	// FriendTitleNamed is the title where the promoter is named, with {first_name}.
	FriendTitleNamed string `json:"friend_title_named,omitempty" yaml:"friend_title_named"`
	FriendText       string `json:"friend_text,omitempty" yaml:"friend_text"`
	FriendFirstName  string `json:"friend_first_name,omitempty" yaml:"friend_first_name"`
	FriendLastName   string `json:"friend_last_name,omitempty" yaml:"friend_last_name"`
	FriendEmail      string `json:"friend_email,omitempty" yaml:"friend_email"`
	FriendCompany    string `json:"friend_company,omitempty" yaml:"friend_company"`
	FriendMessage    string `json:"friend_message,omitempty" yaml:"friend_message"`
	FriendOptional   string `json:"friend_optional,omitempty" yaml:"friend_optional"`
	FriendConsent    string `json:"friend_consent,omitempty" yaml:"friend_consent"`
	// FriendTell allows that the promoter hears of the friend.
	FriendTell string `json:"friend_tell,omitempty" yaml:"friend_tell"`
	FriendSend string `json:"friend_send,omitempty" yaml:"friend_send"`
	// FriendEmpty is the label of a field that people leave empty, and machines do not.
	FriendEmpty string `json:"friend_empty,omitempty" yaml:"friend_empty"`
	// FriendWrong says what of the form has to be looked at again, {field}.
	FriendWrong string `json:"friend_wrong,omitempty" yaml:"friend_wrong"`
	// FriendAgree asks for the consent that is missing, FriendAgain to send the form once
	// more, FriendLater to come again.
	FriendAgree  string `json:"friend_agree,omitempty" yaml:"friend_agree"`
	FriendAgain  string `json:"friend_again,omitempty" yaml:"friend_again"`
	FriendLater  string `json:"friend_later,omitempty" yaml:"friend_later"`
	FriendThanks string `json:"friend_thanks,omitempty" yaml:"friend_thanks"`
	FriendMore   string `json:"friend_more,omitempty" yaml:"friend_more"`

	ThankedSubject string `json:"thanked_subject,omitempty" yaml:"thanked_subject"`
	ThankedBody    string `json:"thanked_body,omitempty" yaml:"thanked_body"`
	// ThankedBodyNamed names the friend who allowed it, {friend}.
	ThankedBodyNamed string `json:"thanked_body_named,omitempty" yaml:"thanked_body_named"`
}
