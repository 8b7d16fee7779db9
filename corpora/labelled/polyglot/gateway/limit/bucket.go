package limit

import (
	"net"
	"net/http"
	"sync"
	"time"
)

type bucket struct {
	tokens float64
	filled time.Time
}

// PerClient answers 429 to whoever asks too often.
func PerClient(rate float64, burst int) func(http.Handler) http.Handler {
	var guard sync.Mutex
	buckets := map[string]*bucket{}
	allow := func(client string, now time.Time) bool {
		guard.Lock()
		defer guard.Unlock()
		b, known := buckets[client]
		if !known {
			b = &bucket{tokens: float64(burst), filled: now}
			buckets[client] = b
		}
		b.tokens = min(float64(burst), b.tokens+now.Sub(b.filled).Seconds()*rate)
		b.filled = now
		if b.tokens < 1 {
			return false
		}
		b.tokens--
		return true
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			host, _, err := net.SplitHostPort(r.RemoteAddr)
			if err != nil {
				host = r.RemoteAddr
			}
			if !allow(host, time.Now()) {
				w.Header().Set("Retry-After", "1")
				http.Error(w, "slow down", http.StatusTooManyRequests)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
