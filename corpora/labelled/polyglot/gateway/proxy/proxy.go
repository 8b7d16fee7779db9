package proxy

import (
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sort"
	"strings"
)

type route struct {
	prefix string
	to     *httputil.ReverseProxy
}

// New sends each request to the upstream with the longest matching prefix.
func New(upstreams map[string]*url.URL) http.Handler {
	var routes []route
	for prefix, target := range upstreams {
		to := httputil.NewSingleHostReverseProxy(target)
		to.ErrorHandler = unreachable
		routes = append(routes, route{prefix, to})
	}
	sort.Slice(routes, func(i, j int) bool { return len(routes[i].prefix) > len(routes[j].prefix) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stripHopByHop(r.Header)
		for _, candidate := range routes {
			if strings.HasPrefix(r.URL.Path, candidate.prefix) {
				candidate.to.ServeHTTP(w, r)
				return
			}
		}
		http.NotFound(w, r)
	})
}

func unreachable(w http.ResponseWriter, r *http.Request, err error) {
	slog.Warn("upstream did not answer", "path", r.URL.Path, "error", err)
	http.Error(w, "try again in a moment", http.StatusBadGateway)
}

func stripHopByHop(header http.Header) {
	for _, name := range []string{"Connection", "Keep-Alive", "Te", "Trailer", "Upgrade"} {
		header.Del(name)
	}
}
