package web

import "net/http"

// PrivateHandler returns the routes of a listener that only operators and their
// programs reach.
func (s *Server) PrivateHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", s.opt.Health.Handler())
	for pattern, handler := range s.operatorRoutes() {
		mux.Handle(pattern, s.observe(handler))
	}
	return mux
}

// privateRoutes are what there is beside the public routes without a private
// listener, most of it for this machine alone.
func (s *Server) privateRoutes() map[string]http.HandlerFunc {
	routes := s.operatorRoutes()
	h := s.opt.Health
	routes["GET /healthz"] = s.limited(hookClass, tooMany, h.healthz)
	routes["GET /readyz"] = s.limited(hookClass, tooMany, h.readyz)
	routes["GET /metrics"] = s.limited(hookClass, tooMany, h.localMetrics)
	return routes
}

func (s *Server) operatorRoutes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /effects":  s.person(pageClass, s.operator(s.showEffects)),
		"POST /effects": s.person(formClass, s.operator(s.decideEffect)),
		"GET /paused":   s.person(pageClass, s.operator(s.showPaused)),
		"POST /paused":  s.person(formClass, s.operator(s.resumeProgram)),
		"GET /held":     s.person(pageClass, s.operator(s.showHeld)),
		"POST /held":    s.person(formClass, s.operator(s.decideHeld)),
		// No proxy takes the public URL's path off before a private listener.
		"GET " + s.basePath + "/static/page.css": s.limited(pageClass, tooMany, s.pages.serveStyle),
	}
}

// local reports whether a request comes from a program on this machine, and was not
// passed on by a proxy on it.
func local(r *http.Request) bool { return peer(r).IsLoopback() && !forwarded(r) }
