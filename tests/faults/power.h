/* What a power cut takes with it; told by fault.c of every call below the folder. */
#include <sys/types.h>

void power_watch(const char *beside);
void power_before_write(int descriptor, const char *path);
void power_synced(int descriptor, const char *path);
void power_made(const char *path);
void power_before_loss(const char *path);
void power_renamed(const char *old, const char *new);
void power_removed(const char *path);
void power_cut(int names_too);
