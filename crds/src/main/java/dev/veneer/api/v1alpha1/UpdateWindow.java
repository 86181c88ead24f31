package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.TIME_OF_DAY;
import static dev.veneer.api.v1alpha1.Forms.TIME_ZONE;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
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
            return !time.isBefore(begin) && time.isBefore(end) && beginsOn(local);
        }
        return !time.isBefore(begin) ? beginsOn(local) : time.isBefore(end) && beginsOn(local.minusDays(1));
    }

    private boolean beginsOn(ZonedDateTime day) {
        return days.isEmpty() || days.stream().anyMatch(each -> each.is(day.getDayOfWeek()));
    }
}
