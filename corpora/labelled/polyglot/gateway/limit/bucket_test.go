package limit

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestTheBurstPassesAndTheNextIsRefused(t *testing.T) {
	handler := PerClient(0.001, 3)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }))
	for attempt, want := range []int{204, 204, 204, 429} {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest("GET", "/sailings", nil))
		if recorder.Code != want {
			t.Fatalf("attempt %d: got %d, want %d", attempt, recorder.Code, want)
		}
	}
}
