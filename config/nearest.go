package config

import "github.com/cxloop/cxloop/spelling"

// nearest returns the name that was probably meant, or "".
func nearest(name string, known []string) string { return spelling.Nearest(name, known) }
