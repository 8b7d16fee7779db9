#include <signal.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SILENT_FOR_S 30
#define LONGEST_PAUSE_S 60

static pid_t start(char *const arguments[]) {
    pid_t child = fork();
    if (child == 0) {
        execv(arguments[0], arguments);
        _exit(127);
    }
    return child;
}

int supervise(char *const arguments[], const volatile time_t *last_heard) {
    unsigned pause_s = 1;
    for (;;) {
        pid_t child = start(arguments);
        if (child < 0) return -1;
        while (waitpid(child, NULL, WNOHANG) == 0) {
            if (time(NULL) - *last_heard > SILENT_FOR_S) {
                fprintf(stderr, "no word from the reader for %d s, restarting it\n", SILENT_FOR_S);
                kill(child, SIGKILL);
            } else {
                pause_s = 1;
            }
            sleep(1);
        }
        sleep(pause_s);
        pause_s = pause_s * 2 > LONGEST_PAUSE_S ? LONGEST_PAUSE_S : pause_s * 2;
    }
}
