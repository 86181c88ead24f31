package dev.veneer.api.v1alpha1;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The field by which the items of a list are told apart: {@code x-kubernetes-list-type: map} in the CRD. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface ListKey {
    /** The name of the field in each item. */
    String value();
}
