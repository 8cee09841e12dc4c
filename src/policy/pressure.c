/* How many jobs the machine has room for. See pressure.h. */
#include "policy/pressure.h"

uint32_t pressure_load(unsigned limit, unsigned running, unsigned busy)
{
	if (running >= limit)
		return 0;
	return busy + (limit - running);
}

/* Half of it, as in GNU parallel: else one job more would do to bring the next one down. */
uint32_t pressure_memory(uint64_t least, uint64_t memory, bool *evict)
{
	*evict = memory < least / 2;
	return memory < least ? 0 : PRESSURE_NONE;
}
