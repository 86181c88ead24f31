package dev.veneer.node.plan;

import dev.veneer.node.model.FireTimes;
import dev.veneer.node.model.Schedule;
import dev.veneer.node.model.SliverId;
import java.util.Map;

/**
 * What makes something due that no edit asks for.
 *
 * @param schedules where each schedule that a sliver names stands
 * @param reclaimable how many bytes a compaction would give back, by the last estimate; absent before there was one
 */
public record Occasions(Map<Schedule, FireTimes> schedules, Map<SliverId, Long> reclaimable) {
    /** Nothing is due. */
    public static final Occasions NONE = new Occasions(Map.of(), Map.of());

    public Occasions {
        schedules = Map.copyOf(schedules);
        reclaimable = Map.copyOf(reclaimable);
    }

    FireTimes of(Schedule schedule) {
        return schedules.getOrDefault(schedule, FireTimes.NEVER);
    }
}
