package dev.veneer.api.v1alpha1;

import java.time.DayOfWeek;

/** A day of the week. */
public enum Weekday {
    Mon(DayOfWeek.MONDAY),
    Tue(DayOfWeek.TUESDAY),
    Wed(DayOfWeek.WEDNESDAY),
    Thu(DayOfWeek.THURSDAY),
    Fri(DayOfWeek.FRIDAY),
    Sat(DayOfWeek.SATURDAY),
    Sun(DayOfWeek.SUNDAY);

    private final DayOfWeek day;

    Weekday(DayOfWeek day) {
        this.day = day;
    }

    /** Whether {@code other} is this day. */
    boolean is(DayOfWeek other) {
        return day == other;
    }
}
