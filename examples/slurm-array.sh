#!/bin/bash
# A film over a video as a Slurm array: one task for each part that `zoomdream plan` lists, then a job that joins them.
#
#   tasks=$(zoomdream plan "$PRESET" --input "$INPUT" -o "$OUTPUT" --threads "$THREADS" --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["tasks"]))')
#   array=$(sbatch --parsable --array=0-$((tasks - 1)) examples/slurm-array.sh)
#   sbatch --dependency=afterok:"$array" --export=ALL,JOIN=1 examples/slurm-array.sh
#
# OUTPUT, and so the film's journal, lies on a folder that all nodes share. A task that is requeued goes on where it was.
#SBATCH --job-name=zoomdream
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@60
set -euo pipefail
PRESET=${PRESET:-street-animals}
INPUT=${INPUT:-clip.mp4}
OUTPUT=${OUTPUT:-out.mp4}
THREADS=${THREADS:-4}

film=("$PRESET" --input "$INPUT" -o "$OUTPUT" --threads "$THREADS" --progress plain)
if [[ -n ${JOIN:-} ]]; then
    exec zoomdream join "${film[@]}"
fi
exec zoomdream render "${film[@]}" --task "$SLURM_ARRAY_TASK_ID"
