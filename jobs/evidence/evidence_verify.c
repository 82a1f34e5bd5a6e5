#include "jobs/evidence/evidence_jobs.h"
