package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.TIME_MAX;

import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;

/**
 * The last time that a sliver went back.
 *
 * @param time when, RFC 3339
 * @param serial serial of the last order that was answered; 0 when it was only ever asked for by a command
 * @param to the revision or snapshot that it went back to
 */
public record LastRollback(@Size(max = TIME_MAX) String time, @Min(0) int serial, @Min(1) int to) {}
