package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPreview(t *testing.T) {
	t.Parallel()
	file := writeFile(t, strings.Replace(validYAML, "event: order.delivered}", "event: order.delivered}, follow_up: {referral: {url: 'https://example.com/refer'}}", 1))
	folder := filepath.Join(t.TempDir(), "preview")
	got := cxloop(t, "preview", "order-csat", "-c", file, "--out", folder)
	require.Equal(t, ran{out: folder + ": 78 files; open " + filepath.Join(folder, "index.html") + "\n"}, got)

	index := read(t, folder, "index.html")
	for _, locale := range []string{"de", "en", "es", "fr"} {
		for _, name := range []string{
			"mail-invite.html", "mail-invite.txt", "mail-reminder.html", "mail-reminder.txt", "mail-ask.html", "mail-ask.txt",
			"mail-thanks.html", "mail-thanks.txt", "mail-resurvey.html", "mail-resurvey.txt",
			"page-score.html", "page-chosen.html", "page-comment.html", "page-done.html", "page-expired.html",
			"page-unsubscribe.html", "page-unsubscribed.html", "page-referral.html",
		} {
			body := read(t, folder, locale+"/"+name)
			require.NotRegexp(t, `-cxloop\.|\{(first_name|account|brand|done)\}|<no value>`, body, name)
			require.Contains(t, index, `"`+locale+"/"+name+`"`)
			switch {
			case strings.HasPrefix(name, "page-"):
				require.Contains(t, body, `<html lang="`+locale+`"`)
				require.Contains(t, body, `href="../page.css"`)
			case strings.HasSuffix(name, ".txt"):
				require.Contains(t, body, "Subject: ")
				require.Contains(t, body, "Lena")
			default:
				require.Contains(t, body, `lang="`+locale+`"`)
				require.Contains(t, body, "Lena")
			}
		}
	}
	require.Contains(t, read(t, folder, "page.css"), "--brand")
	require.Contains(t, read(t, folder, "en/page-chosen.html"), "checked")

	file = writeFile(t, strings.Replace(validYAML, "template: csat", "template: delivery", 1))
	withCauses := t.TempDir()
	require.Zero(t, cxloop(t, "preview", "order-csat", "-c", file, "--out", withCauses).code)
	require.Contains(t, read(t, withCauses, "fr/page-question-causes.html"), `<html lang="fr"`)
}

func TestPreviewShowsAsks(t *testing.T) {
	t.Parallel()
	file, folder := writeFile(t, strings.Replace(validYAML, "event: order.delivered}", "event: order.delivered}, follow_up: {review: {url: 'https://example.com/review'}, testimonial: {}}", 1)), t.TempDir()
	got := cxloop(t, "preview", "order-csat", "-c", file, "--out", folder)
	require.Zero(t, got.code, got.errOut)
	for _, locale := range []string{"de", "en", "es", "fr"} {
		for _, name := range []string{
			"mail-review.html", "mail-review.txt", "mail-testimonial.html", "page-done-review.html", "page-review.html",
			"page-done-testimonial.html", "page-testimonial.html", "page-testimonial-given.html", "page-testimonial-over.html",
		} {
			require.NotRegexp(t, `-cxloop\.|\{(first_name|account|brand|done)\}|<no value>`, read(t, folder, locale+"/"+name), name)
		}
	}
	require.Contains(t, read(t, folder, "en/page-testimonial.html"), "Name Nordwind too")
	require.NoFileExists(t, filepath.Join(folder, "en", "mail-ask.html"))
}

func TestPreviewShowsEveryVariant(t *testing.T) {
	t.Parallel()
	file, folder := writeFile(t, strings.Replace(validYAML, "template: csat, ", `template: csat, languages: [en], variants: [
    {id: plain, share: 0.5}, {id: short, share: 0.5, texts: {en: {subject: One click, question: "All well?"}}}], `, 1)), t.TempDir()
	got := cxloop(t, "preview", "order-csat", "-c", file, "--out", folder)
	require.Zero(t, got.code, got.errOut)
	index := read(t, folder, "index.html")
	require.Contains(t, index, "en, variant short")
	require.Contains(t, index, "One click")
	require.Contains(t, index, `"en.plain/mail-reminder.txt"`)
	require.Contains(t, read(t, folder, "en.short/mail-reminder.html"), "All well?")
	require.Contains(t, read(t, folder, "en.short/page-score.html"), "All well?")
	require.NotContains(t, read(t, folder, "en.plain/page-score.html"), "All well?")
}

func TestPreviewMayBeRepeated(t *testing.T) {
	t.Parallel()
	file, folder := writeFile(t, validYAML), filepath.Join(t.TempDir(), "preview")
	got := cxloop(t, "preview", "order-csat", "-c", file, "--out", folder)
	again := cxloop(t, "preview", "order-csat", "-c", file, "--out", folder)
	require.Equal(t, got, again)
	require.Zero(t, again.code)
}

func TestPreviewOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	file := writeFile(t, validYAML)
	got := cxloop(t, "preview", "order-nps", "-c", file)
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.errOut, `no program "order-nps": known are order-csat`)
	require.Equal(t, exitUsage, cxloop(t, "preview", "-c", file).code)
}

func read(t *testing.T, folder, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
	require.NoError(t, err)
	return string(body)
}
