//! Coordinates in the datum of whoever measured them, and in CGCS2000, which is WGS 84 to within decimetres. Phones and web maps shift what
//! they show in China: GCJ-02 by some 500 m, BD-09 once more. The shift is a published series of sines (first as "eviltransform", 2013);
//! it has no inverse in closed form, so the way back is iterated.

use serde::Deserialize;
use std::f64::consts::PI;

/// What a longitude and a latitude refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// 国家测绘局 2002: Amap, Tencent, phones.
    Gcj02,
    /// Baidu.
    Bd09,
    /// 2000国家大地坐标系: surveying.
    Cgcs2000,
    /// GPS without a shift.
    Wgs84,
}

/// Where a pair of cells is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Position {
    /// Longitude and latitude in CGCS2000.
    Known(f64, f64),
    /// The same, with the cells exchanged.
    Swapped(f64, f64),
    /// Not in China, or in a local projection.
    Elsewhere,
}

impl Datum {
    /// What a department would write for a place in CGCS2000: longitude and latitude in this datum.
    pub fn write(self, longitude: f64, latitude: f64) -> (f64, f64) {
        match self {
            Datum::Cgcs2000 | Datum::Wgs84 => (longitude, latitude),
            Datum::Gcj02 | Datum::Bd09 => {
                let (longitude, latitude) = self.moved(longitude, latitude);
                (rounded(longitude, 1e8), rounded(latitude, 1e8))
            }
        }
    }

    fn moved(self, longitude: f64, latitude: f64) -> (f64, f64) {
        match self {
            Datum::Cgcs2000 | Datum::Wgs84 => (longitude, latitude),
            Datum::Gcj02 => shifted(longitude, latitude),
            Datum::Bd09 => turned(shifted(longitude, latitude)),
        }
    }

    /// The place that a pair of cells means. Longitudes and latitudes of China have no value in common, so exchanged ones are known.
    pub(crate) fn read(self, longitude: f64, latitude: f64) -> Position {
        let is_longitude = |degrees: f64| (73.0..=136.0).contains(&degrees);
        let is_latitude = |degrees: f64| (3.0..=54.0).contains(&degrees);
        if is_longitude(longitude) && is_latitude(latitude) {
            let (longitude, latitude) = self.settled(longitude, latitude);
            return Position::Known(longitude, latitude);
        }
        if is_longitude(latitude) && is_latitude(longitude) {
            let (longitude, latitude) = self.settled(latitude, longitude);
            return Position::Swapped(longitude, latitude);
        }
        Position::Elsewhere
    }

    /// By going back as far as the guess goes astray, until that is less than a millimetre; each time it comes nearer tenfold or better.
    fn settled(self, longitude: f64, latitude: f64) -> (f64, f64) {
        if matches!(self, Datum::Cgcs2000 | Datum::Wgs84) {
            return (longitude, latitude);
        }
        let (mut x, mut y) = (longitude, latitude);
        for _ in 0..ROUNDS {
            let (there_x, there_y) = self.moved(x, y);
            let (off_x, off_y) = (there_x - longitude, there_y - latitude);
            (x, y) = (x - off_x, y - off_y);
            if off_x.abs() + off_y.abs() < 1e-9 {
                break;
            }
        }
        // A tenth of a metre; phones do not know better.
        (rounded(x, 1e6), rounded(y, 1e6))
    }
}

const ROUNDS: usize = 20;

fn rounded(degrees: f64, parts: f64) -> f64 {
    (degrees * parts).round() / parts
}

/// Semi-major axis and squared eccentricity of the Krasovsky ellipsoid, which the shift is computed on.
const AXIS: f64 = 6_378_245.0;
const ECCENTRICITY: f64 = 0.006_693_421_622_965_943;

/// WGS 84 to GCJ-02.
fn shifted(longitude: f64, latitude: f64) -> (f64, f64) {
    let (x, y) = (longitude - 105.0, latitude - 35.0);
    let common = 20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin();
    let waves = |z: f64, far: f64| {
        let near = 20.0 * (z * PI).sin() + 40.0 * (z / 3.0 * PI).sin();
        (common + near + far * (z / 12.0 * PI).sin() + 2.0 * far * (z / 30.0 * PI).sin()) * 2.0 / 3.0
    };
    let east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * x.abs().sqrt() + waves(x, 150.0);
    let north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * x.abs().sqrt() + waves(y, 160.0);
    let radians = latitude / 180.0 * PI;
    let flattened = 1.0 - ECCENTRICITY * radians.sin().powi(2);
    let east = east * 180.0 / (AXIS / flattened.sqrt() * radians.cos() * PI);
    let north = north * 180.0 / (AXIS * (1.0 - ECCENTRICITY) / (flattened * flattened.sqrt()) * PI);
    (longitude + east, latitude + north)
}

/// GCJ-02 to BD-09.
fn turned((longitude, latitude): (f64, f64)) -> (f64, f64) {
    const TURN: f64 = PI * 3000.0 / 180.0;
    let radius = longitude.hypot(latitude) + 0.000_02 * (latitude * TURN).sin();
    let angle = latitude.atan2(longitude) + 0.000_003 * (longitude * TURN).cos();
    (radius * angle.cos() + 0.0065, radius * angle.sin() + 0.006)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_shift_is_the_published_one() {
        for (wgs, gcj) in [
            ((121.527_210_6, 31.177_427_6), (121.531_541_86, 31.175_303_98)),
            ((113.912_316, 22.543_847), (113.917_176_48, 22.540_796_13)),
            ((116.377_817, 39.911_954), (116.384_047_22, 39.913_345_46)),
        ] {
            let (longitude, latitude) = Datum::Gcj02.write(wgs.0, wgs.1);
            assert!((longitude - gcj.0).abs() < 2e-8 && (latitude - gcj.1).abs() < 2e-8, "{longitude} {latitude}");
        }
        let (longitude, latitude) = Datum::Bd09.write(116.377_817, 39.911_954);
        assert!((longitude - 116.390_5).abs() < 1e-3 && (latitude - 39.919_3).abs() < 1e-3, "{longitude} {latitude}");
    }

    #[test]
    fn exchanged_coordinates_are_put_right_and_local_ones_are_not_known() {
        assert_eq!(Datum::Cgcs2000.read(118.5, 32.25), Position::Known(118.5, 32.25));
        assert_eq!(Datum::Cgcs2000.read(32.25, 118.5), Position::Swapped(118.5, 32.25));
        for (x, y) in [(0.0, 0.0), (505_123.4, 3_570_321.9), (118.5, 72.0), (-118.5, 32.25)] {
            assert_eq!(Datum::Cgcs2000.read(x, y), Position::Elsewhere, "{x} {y}");
        }
    }

    proptest! {
        #[test]
        fn what_a_datum_writes_it_reads(x in 74_000_000i32..135_000_000, y in 4_000_000i32..53_000_000, exchanged: bool) {
            let (longitude, latitude) = (f64::from(x) / 1e6, f64::from(y) / 1e6);
            for datum in [Datum::Gcj02, Datum::Bd09, Datum::Cgcs2000, Datum::Wgs84] {
                let (there_x, there_y) = datum.write(longitude, latitude);
                let (read, expected) = match exchanged {
                    true => (datum.read(there_y, there_x), Position::Swapped(longitude, latitude)),
                    false => (datum.read(there_x, there_y), Position::Known(longitude, latitude)),
                };
                prop_assert_eq!(read, expected, "{:?}", datum);
            }
        }
    }
}
