//! What is drawn stands where its values say, and no identifier is an amount.

use super::*;

fn leaf(columns: &[(&str, &str)], rows: &[&[&str]]) -> Leaf {
    let columns = columns.iter().map(|(name, kind)| Column { name: (*name).to_owned(), kind: (*kind).to_owned() }).collect();
    let cell = |text: &&str| Some((*text).to_owned()).filter(|text| text != "∅");
    Leaf { columns, rows: rows.iter().map(|row| row.iter().map(cell).collect()).collect() }
}

fn drawn_as(head: &Leaf, kind: &str) -> Drawing {
    drawn(head, Drawable::of(head).unwrap().chosen(kind, None, None))
}

#[test]
fn no_identifier_is_an_amount_whatever_holds_it() {
    let rows: &[&[&str]] = &[&["990101199001011232", "990101199001011232", "7", "12", "3"]];
    let columns = [("id_no", "text"), ("number", "number"), ("record_id", "number"), ("count", "number"), ("permit_no", "number")];
    let drawable = Drawable::of(&leaf(&columns, rows)).unwrap();
    assert_eq!(drawable.ys, [(3, "count".to_owned())]);
    assert_eq!(drawable.chosen("pie", Some(9), Some(1)).y, 3, "what cannot be drawn is not chosen");
    assert!(Drawable::of(&leaf(&columns[..3], rows)).is_none());
    assert!(Drawable::of(&leaf(&[("n", "number")], &[])).is_none(), "nothing to draw");
}

#[test]
fn a_bar_is_as_long_as_its_value_and_says_it() {
    let head =
        leaf(&[("name", "text"), ("n", "number")], &[&["公安局", "1000"], &["民政局", "2000"], &["教育局", "∅"], &["司法局", "-500"]]);
    let drawing = drawn_as(&head, "bar");
    let width = |at: usize| drawing.bars[at].width.parse::<f64>().unwrap();
    assert!((width(1) - 2.0 * width(0)).abs() < 0.2 && (width(0) - 2.0 * width(2)).abs() < 0.2, "{:?}", drawing.bars);
    assert_eq!(drawing.bars[1].value, "2,000");
    let zero = drawing.bars[0].x.parse::<f64>().unwrap();
    assert!((drawing.bars[2].x.parse::<f64>().unwrap() + width(2) - zero).abs() < 0.2, "below zero it goes to the left");
    assert_eq!((drawing.drawn, drawing.blank, drawing.least.as_str(), drawing.most.as_str()), (4, 1, "-500", "2,000"));
    let marks: Vec<&str> = drawing.grid.iter().map(|tick| tick.text.as_str()).collect();
    assert_eq!(marks, ["-500", "0", "500", "1,000", "1,500", "2,000"]);
}

#[test]
fn a_line_goes_by_time_and_points_by_their_numbers() {
    let head = leaf(&[("day", "date"), ("n", "number")], &[&["2026-01-03", "1.5"], &["2026-01-01", "3"], &["2026-01-02", "2"]]);
    let drawing = drawn_as(&head, "line");
    let xs: Vec<f64> = drawing.points.iter().map(|point| point.x.parse().unwrap()).collect();
    assert!(xs[0] < xs[1] && (xs[1] - xs[0] - (xs[2] - xs[1])).abs() < 0.2, "{xs:?}");
    assert_eq!(drawing.points[0].value, "3", "the first day");
    assert!(drawing.path.starts_with('M') && drawing.path.matches('L').count() == 2);
    let scatter = drawn_as(&leaf(&[("a", "number"), ("b", "number")], &[&["1", "1"], &["9", "9"]]), "scatter");
    assert!(scatter.path.is_empty() && scatter.points.len() == 2);
}

#[test]
fn so_many_rows_are_drawn_and_one_value_alone_has_an_axis() {
    let many: Vec<[String; 2]> = (0..700).map(|at| [format!("第{at}个很长很长很长很长很长的名字"), at.to_string()]).collect();
    let rows: Vec<Vec<&str>> = many.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let head = leaf(&[("name", "text"), ("n", "number")], &rows);
    assert_eq!((drawn_as(&head, "bar").bars.len(), drawn_as(&head, "line").points.len()), (BARS, POINTS));
    assert!(drawn_as(&head, "line").names.len() <= 9 && drawn_as(&head, "bar").names[0].text.ends_with('…'));
    for value in ["5", "0", "-3", "0.00001", "123456789012345"] {
        let drawing = drawn_as(&leaf(&[("name", "text"), ("n", "number")], &[&["a", value]]), "scatter");
        let place = drawing.points[0].y.parse::<f64>().unwrap();
        assert!(place > TOP && place < HEIGHT - FOOT && drawing.grid.len() > 1, "{value}: {drawing:?}");
    }
}

#[test]
fn numbers_are_written_as_people_read_them() {
    assert_eq!(
        ["1234567", "-1234.50", "0.25", "3.0", "1e300", "12.123456"].map(amount),
        ["1,234,567", "-1,234.50", "0.25", "3", "1e300", "12.1234"]
    );
}
