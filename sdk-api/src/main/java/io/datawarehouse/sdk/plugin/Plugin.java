package io.datawarehouse.sdk.plugin;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Stereotype;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a CDI bean as a plugin of the kernel. The bean implements {@link WarehousePlugin}, is not
 * final and has a constructor without parameters; its archive holds a {@code META-INF/beans.xml}.
 */
@Stereotype
@ApplicationScoped
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Plugin {}
