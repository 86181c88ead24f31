package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.TIME_OF_DAY;
import static dev.veneer.api.v1alpha1.Forms.TIME_ZONE;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.List;

/**
 * A time of the day in which running slivers may be changed.
 *
 * @param days the days on which it begins; every day when empty
 * @param from when it begins, HH:MM
 * @param to when it ends, HH:MM; on the next day when it is not after from
 * @param timeZone the zone of both, such as Europe/Berlin
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record UpdateWindow(
        @Size(max = 7) List<Weekday> days,
        @Required @Pattern(TIME_OF_DAY) @Size(max = 5) String from,
        @Required @Pattern(TIME_OF_DAY) @Size(max = 5) String to,
        @Default("UTC") @Pattern(TIME_ZONE) @Size(min = 1, max = 64) String timeZone) {
    public UpdateWindow {
        days = Lists.orEmpty(days);
    }

    /**
     * Whether {@code now} lies in the window. The end is outside.
     *
     * @throws java.time.DateTimeException when {@code timeZone} is not known to this machine
     */
    public boolean isOpen(Instant now) {
        ZonedDateTime local = now.atZone(ZoneId.of(timeZone));
        LocalTime time = local.toLocalTime();
        LocalTime begin = LocalTime.parse(from);
        LocalTime end = LocalTime.parse(to);
        if (end.isAfter(begin)) {
            return !time.isBefore(begin) && time.isBefore(end) && beginsOn(local.getDayOfWeek());
        }
        return !time.isBefore(begin)
                ? beginsOn(local.getDayOfWeek())
                : time.isBefore(end) && beginsOn(local.minusDays(1).getDayOfWeek());
    }

    /**
     * Before then a window that is closed at {@code now} does not open; it may also open later.
     *
     * @throws java.time.DateTimeException when {@code timeZone} is not known to this machine
     */
    public Instant nextChange(Instant now) {
        ZoneRules rules = ZoneId.of(timeZone).getRules();
        // Where clocks are changed, a time of the day may be left out, or come twice.
        ZoneOffsetTransition transition = rules.nextTransition(now);
        Instant next = transition == null ? Instant.MAX : transition.getInstant();
        LocalDate today = now.atZone(ZoneId.of(timeZone)).toLocalDate();
        for (int day = 0; day <= 8; day++) {
            LocalDateTime begin = today.plusDays(day).atTime(LocalTime.parse(from));
            if (!beginsOn(begin.getDayOfWeek())) {
                continue;
            }
            for (ZoneOffset offset : rules.getValidOffsets(begin)) {
                Instant at = begin.toInstant(offset);
                if (at.isAfter(now)) {
                    return at.isBefore(next) ? at : next;
                }
            }
        }
        return next;
    }

    private boolean beginsOn(DayOfWeek day) {
        return days.isEmpty() || days.stream().anyMatch(each -> each.is(day));
    }
}
