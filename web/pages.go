package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

//go:embed pages
var pageFiles embed.FS

// view is what a page shows. Fields that a page has no use for stay empty.
type view struct {
	Lang  string // BCP 47, of the page's texts
	Title string // of the window, and the heading of plain pages
	Text  string
	// Problem is what is wrong with what was sent, nil for nothing.
	Problem *problemView
	// Action is where the page's form goes, Button the text of its button.
	Action string
	Button string
	// Buttons are instead of Button, where there is something to choose.
	Buttons []buttonView
	// Hidden is a field to go with the form; nil for none.
	Hidden *hidden
	// Page goes with the form, and Seen is a stylesheet that tells that it is shown.
	Page, Seen string
	// FormTo is what a form may lead on to besides this server, as a source of a
	// Content-Security-Policy.
	FormTo string
	Survey *surveyView
	// Ask is what is asked for after an answer, on the last page; Share is a promoter's
	// personal link, and Friend the form that it leads to.
	Ask    *pageAskView
	Share  *shareView
	Friend *friendView
	// Question is the page's one, besides the score.
	Question *questionView
	Footer   *footer
	// Operator says that the page's form is an operator's: the browser has to tell this
	// server, and no other, that a request comes from it.
	Operator bool
	Effects  *effectsView
	// Effect is the key of the effect that was decided.
	Effect string
	Pauses []pauseRow
	Held   *heldView
	Case   *caseView
	// Testimonial is the page of an ask for one.
	Testimonial *testimonialView

	// Letter is what led to the page, nil for none: its program may have a brand of its own.
	Letter *letter
	// Embedded says that the page is shown inside another one.
	Embedded bool

	// What render fills in.
	Dir    string
	Brand  string
	Style  string
	Script string
	Step   string // which page it is
	// Preview says that nothing is recorded.
	Preview bool
}

// hidden is a field of a form that nobody sees.
type hidden struct{ Name, Value string }

// buttonView is one of several buttons of a form.
type buttonView struct{ Name, Value, Text string }

// footer is below the pages of a program.
type footer struct {
	Privacy    string
	PrivacyURL string
	// Notice is how long an answer is kept and how to object, on the survey's pages.
	Notice      string
	Unsubscribe string
	// UnsubscribeURL is "" on the page that is about unsubscribing.
	UnsubscribeURL string
}

// pages renders the embedded templates.
type pages struct {
	brand     Brand
	style     []byte
	styleURL  string
	scriptURL string // of embedded pages
	shareURL  string // of the script that copies a link
	// ancestors are the sites that embedded pages may be inside, as a Content-Security-Policy
	// has them.
	ancestors string
	basePath  string
	templates map[string]*template.Template
}

func newPages(brand Brand, basePath string) (*pages, error) {
	style, sum, err := brand.stylesheet()
	if err != nil {
		return nil, err
	}
	p := &pages{
		brand: brand, style: style, styleURL: basePath + "/static/page.css?v=" + sum, scriptURL: embedScript(basePath), shareURL: shareScript(basePath), basePath: basePath,
		templates: map[string]*template.Template{},
	}
	for _, name := range []string{"message", "confirm", "score", "checklist", "question", "comment", "done", "effects", "decided", "paused", "held", "case", "testimonial", "share", "friend"} {
		t, err := template.ParseFS(pageFiles, "pages/layout.html", "pages/given.html", "pages/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		p.templates[name] = t
	}
	return p, nil
}

// render writes a page with the headers that all pages have.
func (p *pages) render(w http.ResponseWriter, status int, name string, v view) {
	v.Dir, v.Brand, v.Style, v.Step = direction(v.Lang), p.brand.Name, p.styleURL, name
	if v.Letter != nil {
		own := p.brand.of(v.Letter.program)
		v.Brand, v.Style, v.Preview = own.Name, p.styleOf(own), v.Letter.preview
	}
	scripts, ancestors := "", "'none'"
	if v.Embedded {
		v.Script, scripts, ancestors = p.scriptURL, "script-src 'self'; ", p.ancestors
	}
	if v.Share != nil {
		v.Script, scripts = p.shareURL, "script-src 'self'; "
	}
	referrer := "no-referrer"
	if v.Operator {
		// With no-referrer a browser would send "Origin: null" with the page's own forms.
		referrer = "same-origin"
	}
	var out bytes.Buffer
	if err := p.templates[name].ExecuteTemplate(&out, "layout.html", v); err != nil {
		panic("web: page " + name + " does not fit what it shows: " + err.Error())
	}
	formAction := "'self'"
	if v.FormTo != "" {
		formAction += " " + v.FormTo
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.Lang)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; "+scripts+"form-action "+formAction+"; frame-ancestors "+ancestors+"; base-uri 'none'")
	h.Set("Referrer-Policy", referrer)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // the caller went away: nothing is left to do
}

// styleOf is the address of a brand's stylesheet, which changes with its content.
func (p *pages) styleOf(own Brand) string {
	if own.Color == p.brand.Color {
		return p.styleURL
	}
	_, sum, err := own.stylesheet()
	if err != nil { // a program from before colours were checked
		return p.styleURL
	}
	return p.basePath + "/static/page.css?v=" + sum + "&color=" + own.Color[1:]
}

// serveStyle serves the stylesheet, in any colour that a program may have.
func (p *pages) serveStyle(w http.ResponseWriter, r *http.Request) {
	style := p.style
	if color := r.URL.Query().Get("color"); color != "" {
		var err error
		if style, _, err = (Brand{Color: "#" + color}).stylesheet(); err != nil {
			http.NotFound(w, r)
			return
		}
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(style) // the caller went away: nothing is left to do
}

// rightToLeft are the languages that are written so (Unicode CLDR, characterOrder).
var rightToLeft = []string{"ar", "arc", "ckb", "dv", "fa", "he", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}

func direction(lang string) string {
	language, _, _ := strings.Cut(lang, "-")
	if slices.Contains(rightToLeft, strings.ToLower(language)) {
		return "rtl"
	}
	return "ltr"
}
