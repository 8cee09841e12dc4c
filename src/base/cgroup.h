/* What the control groups of Linux leave a process of the CPUs. Any thread. */
#ifndef PQ_CGROUP_H
#define PQ_CGROUP_H

/* CPUs that this process may use at once by the quotas (cpu.max of version 2,
 * cpu.cfs_quota_us of version 1) of its own group and those above it, of which the least
 * counts: a fraction, as 1.5; 0: there is none, or it cannot be known. The files are looked
 * for below this root, "" for the system's own. */
double cgroup_processors(const char *root);

#endif
