import AVFoundation

final class Announcer: NSObject, AVSpeechSynthesizerDelegate {
    private let synthesizer = AVSpeechSynthesizer()
    private var waiting: [(priority: Int, text: String, language: String)] = []

    override init() {
        super.init()
        synthesizer.delegate = self
    }

    func say(_ text: String, in language: String, priority: Int = 0) {
        let place = waiting.firstIndex { $0.priority < priority } ?? waiting.endIndex
        waiting.insert((priority, text, language), at: place)
        if !synthesizer.isSpeaking { next() }
    }

    func speechSynthesizer(_ synthesizer: AVSpeechSynthesizer, didFinish utterance: AVSpeechUtterance) {
        next()
    }

    private func next() {
        guard !waiting.isEmpty else { return }
        let (_, text, language) = waiting.removeFirst()
        let utterance = AVSpeechUtterance(string: text)
        utterance.voice = AVSpeechSynthesisVoice(language: language)
        synthesizer.speak(utterance)
    }
}
