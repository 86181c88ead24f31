package dev.veneer.node.model;

/**
 * A BaseImage as the store knows it.
 *
 * @param record its durable record
 * @param inForce the spec in force, read from the record
 */
public record ActualImage(ImageRecord record, DesiredBaseImage inForce) {}
