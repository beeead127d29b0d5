package io.datawarehouse.sdk.message;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a value can change after it was sent. What a class promises is found out once per
 * class; only components whose type leaves it open (collections, optionals, interfaces) are looked
 * at again for every value.
 */
final class ImmutableValues {

  private static final Set<Class<?>> LEAVES =
      Set.of(
          String.class,
          Boolean.class,
          Character.class,
          Byte.class,
          Short.class,
          Integer.class,
          Long.class,
          Float.class,
          Double.class,
          BigInteger.class,
          BigDecimal.class,
          UUID.class,
          URI.class,
          Instant.class,
          Duration.class,
          LocalDate.class,
          LocalDateTime.class,
          OffsetDateTime.class,
          ZonedDateTime.class,
          OptionalInt.class,
          OptionalLong.class,
          OptionalDouble.class,
          Bytes.class,
          MessageId.class);

  private static final ClassValue<Shape> SHAPES =
      new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
          return Shape.of(type);
        }
      };

  private ImmutableValues() {}

  static void require(Object value) {
    SHAPES.get(value.getClass()).require(value, value.getClass().getSimpleName());
  }

  private static void requireNested(@Nullable Object value, String path) {
    if (value != null) {
      SHAPES.get(value.getClass()).require(value, path);
    }
  }

  /** How values of one class are checked. */
  private sealed interface Shape {

    void require(Object value, String path);

    static Shape of(Class<?> type) {
      if (LEAVES.contains(type) || type.isEnum() || isEnumConstantBody(type)) {
        return new Leaf();
      }
      if (type == Optional.class) {
        return new OptionalValue();
      }
      if (type.isRecord()) {
        return RecordValue.of(type);
      }
      if (List.class.isAssignableFrom(type)) {
        return new ListValue();
      }
      if (Set.class.isAssignableFrom(type)) {
        return new SetValue();
      }
      return Map.class.isAssignableFrom(type) ? new MapValue() : new Mutable();
    }

    private static boolean isEnumConstantBody(Class<?> type) {
      Class<?> parent = type.getSuperclass();
      return parent != null && parent.isEnum();
    }
  }

  private record Leaf() implements Shape {
    @Override
    public void require(Object value, String path) {}
  }

  private record Mutable() implements Shape {
    @Override
    public void require(Object value, String path) {
      throw mutable(value, path);
    }
  }

  private record OptionalValue() implements Shape {
    @Override
    public void require(Object value, String path) {
      ((Optional<?>) value).ifPresent(inner -> requireNested(inner, path));
    }
  }

  private record ListValue() implements Shape {
    @Override
    public void require(Object value, String path) {
      List<?> list = (List<?>) value;
      // copyOf returns its argument exactly where that cannot change.
      if (List.copyOf(list) != list) {
        throw mutable(value, path);
      }
      for (int i = 0; i < list.size(); i++) {
        requireNested(list.get(i), path);
      }
    }
  }

  private record SetValue() implements Shape {
    @Override
    public void require(Object value, String path) {
      Set<?> set = (Set<?>) value;
      if (Set.copyOf(set) != set) {
        throw mutable(value, path);
      }
      set.forEach(element -> requireNested(element, path));
    }
  }

  private record MapValue() implements Shape {
    @Override
    public void require(Object value, String path) {
      Map<?, ?> map = (Map<?, ?>) value;
      if (Map.copyOf(map) != map) {
        throw mutable(value, path);
      }
      map.forEach(
          (key, element) -> {
            requireNested(key, path);
            requireNested(element, path);
          });
    }
  }

  /** A record: only components whose declared type leaves it open are read again. */
  private record RecordValue(List<Component> open) implements Shape {

    private record Component(String name, MethodHandle accessor) {}

    static Shape of(Class<?> type) {
      List<Component> open = new ArrayList<>();
      for (RecordComponent component : type.getRecordComponents()) {
        Class<?> declared = component.getType();
        if (!declared.isPrimitive() && !LEAVES.contains(declared) && !declared.isEnum()) {
          open.add(new Component(component.getName(), accessor(component)));
        }
      }
      return new RecordValue(List.copyOf(open));
    }

    private static MethodHandle accessor(RecordComponent component) {
      try {
        component.getAccessor().setAccessible(true);
        return MethodHandles.lookup()
            .unreflect(component.getAccessor())
            .asType(java.lang.invoke.MethodType.methodType(Object.class, Object.class));
      } catch (IllegalAccessException | RuntimeException e) {
        throw new WarehouseException(
            StandardErrorCode.PAYLOAD_MISMATCH,
            "component " + component + " cannot be read; open its package to the warehouse",
            e);
      }
    }

    @Override
    public void require(Object value, String path) {
      for (Component component : open) {
        requireNested(read(component, value), path + "." + component.name);
      }
    }

    private static @Nullable Object read(Component component, Object record) {
      try {
        return (Object) component.accessor.invokeExact(record);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new WarehouseException(
            StandardErrorCode.PAYLOAD_MISMATCH, "component " + component.name + " failed", e);
      }
    }
  }

  private static WarehouseException mutable(Object value, String path) {
    return new WarehouseException(
        StandardErrorCode.PAYLOAD_MUTABLE,
        path
            + " is a "
            + value.getClass().getName()
            + ", which can change after it was sent; use a record, Bytes, or List.copyOf and its like");
  }
}
