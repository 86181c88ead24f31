package dev.veneer.node.model;

/**
 * Points in time that come again and again.
 *
 * @param cron a Quartz cron expression
 * @param timeZone the zone in which it is meant, such as Europe/Berlin
 */
public record Schedule(String cron, String timeZone) {}
